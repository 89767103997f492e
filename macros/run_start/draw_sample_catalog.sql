{#- With no catalogue named, the sample is drawn: images in parallel shards, then the tables. -#}
{% macro draw_sample_catalog() %}
    {% set folder = env_var('PINLANDING_SAMPLE', '') %}
    {% if folder and not var('catalog_model') %}
        {% set products = env_var('PINLANDING_SAMPLE_PRODUCTS') %}
        {% set seed = env_var('PINLANDING_SEED') %}
        {% set arguments = setting('PINLANDING_SAMPLE') ~ ", " ~ products ~ ", " ~ seed %}
        {% set shards = [(products | int) // 250, 1] | max %}
        {% set images %}
            select max(drawn.error) as error from (
                select draw_sample({{ arguments }}, cast(id as int), {{ shards }}) as drawn
                from range(0, {{ shards }}, 1, {{ shards }})
            )
        {% endset %}
        {% set tables = "select draw_sample(" ~ arguments ~ ", -1, " ~ shards ~ ").error as error" %}
        {% for statement in (images, tables) %}
            {% set error = run_query(statement).columns['error'].values()[0] %}
            {% if error %}
                {{ exceptions.raise_compiler_error("The sample catalogue could not be drawn: " ~ error) }}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
