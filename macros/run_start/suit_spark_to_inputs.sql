{#- A small catalogue takes longer to compile and to plan for than to work through: on one machine, interpret it, in few partitions.
    Everything larger, and a cluster, keeps Spark's own defaults and what the profile says. -#}
{% macro suit_spark_to_inputs(catalog) %}
    {% set small = 5000 %}
    {#- A model that was never built may be of any size. The view over a file was made just now, which dbt does not know. -#}
    {% set known = target.name in ('local', 'thrift') and (load_relation(catalog) if var('catalog_model') else true) %}
    {% set rows = run_query(
        "select count(*) as rows from (select 1 from " ~ catalog ~ " limit " ~ (small + 1) ~ ")"
    ).columns['rows'].values()[0] if known else small + 1 %}
    {% set settings = {
        'spark.sql.codegen.wholeStage': 'false',
        'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
        'spark.sql.adaptive.enabled': 'false',
        'spark.sql.shuffle.partitions': '1',
    } %}
    {% for name, value in settings.items() %}
        {% do run_query("set " ~ name ~ " = " ~ value if rows <= small else "reset " ~ name) %}
    {% endfor %}
{% endmacro %}
