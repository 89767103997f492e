{#- A named encoder that does not exist stops the run here, before hours of other work. -#}
{% macro check_encoder() %}
    {% if env_var('PINLANDING_ENCODER', '') %}
        {% set call %}
            select described.error
            from (
                select describe_encoder({{ setting('PINLANDING_ENCODER') }}, {{ setting('PINLANDING_WAREHOUSE') }}) as described
            )
        {% endset %}
        {% set error = run_query(call).columns[0].values()[0] %}
        {% if error %}
            {{ exceptions.raise_compiler_error("PINLANDING_ENCODER: " ~ error) }}
        {% endif %}
    {% endif %}
{% endmacro %}
