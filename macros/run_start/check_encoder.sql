{#- Stops with one line when the encoder that is meant cannot be used. -#}
{% macro check_encoder() %}
    {% set question %}
        select described.error
        from (
            select describe_encoder({{ setting('PINLANDING_ENCODER') }}, {{ setting('PINLANDING_WAREHOUSE') }}) as described
        )
    {% endset %}
    {% set error = run_query(question).columns['error'].values()[0] %}
    {% if error %}
        {{ exceptions.raise_compiler_error("PINLANDING_ENCODER: " ~ error) }}
    {% endif %}
{% endmacro %}
