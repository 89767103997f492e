{#- Runs before every build, run and test: what must hold before the first model, in order. -#}
{% macro prepare_run() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'retry') %}
        {{ check_functions() }}
        {{ check_settings() }}
        {{ check_server() }}
        {{ check_encoder() }}
        {{ check_table_format() }}
        {{ clear_orphan_folders() }}
        {{ draw_sample_catalog() }}
        {{ open_inputs() }}
        {{ open_model_cards() }}
        {{ suit_spark_to_inputs() }}
    {% endif %}
{% endmacro %}
