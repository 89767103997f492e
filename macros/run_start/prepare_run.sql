{#- Runs before every build, run and test: what must hold before the first model, in order. -#}
{% macro prepare_run() %}
    {#- Outside the condition: dbt finds the dependencies of a hook by reading it. -#}
    {% set catalog = ref(var('catalog_model')) if var('catalog_model') else source('raw', 'catalog') %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'retry') %}
        {{ check_functions() }}
        {{ check_settings() }}
        {{ check_server() }}
        {{ check_encoder() }}
        {% set tables = standing_tables() %}
        {{ check_table_format(tables) }}
        {{ check_warehouse(tables) }}
        {{ clear_orphan_folders(tables) }}
        {{ draw_sample_catalog() }}
        {{ open_inputs() }}
        {{ open_model_cards() }}
        {{ open_page_history(tables) }}
        {{ suit_spark_to_inputs(catalog) }}
        {#- A model that failed leaves what its hooks set, to all clients of a server. -#}
        {% do run_query(measure_batches()) %}
        {{ claim_server() }}
    {% endif %}
{% endmacro %}
