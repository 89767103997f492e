{#- Stops with one line when an encoder that is meant cannot be used. -#}
{% macro check_encoder() %}
    {% for name in ('PINLANDING_ENCODER', 'PINLANDING_TEXT_ENCODER') if name == 'PINLANDING_ENCODER' or env_var(name, '') %}
        {% set question %}
            select described.error
            from (select describe_encoder({{ setting(name) }}, {{ setting('PINLANDING_WAREHOUSE') }}) as described)
        {% endset %}
        {% set error = run_query(question).columns['error'].values()[0] %}
        {% if error %}
            {{ exceptions.raise_compiler_error(name ~ ": " ~ error) }}
        {% endif %}
    {% endfor %}
{% endmacro %}
