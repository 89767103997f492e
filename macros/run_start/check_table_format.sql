{#- Stops where tables that later builds add to stand in the other format: a merge into Parquet fails in the middle. -#}
{% macro check_table_format(tables) %}
    {% set format = table_format() %}
    {% if 'stg_images' in tables %}
        {% set details = run_query("describe table extended " ~ target.schema ~ ".stg_images").rows %}
        {% set found = details | selectattr('col_name', 'equalto', 'Provider') | map(attribute='data_type') | first %}
        {% if found != format %}
            {{ exceptions.raise_compiler_error(
                "The tables of this warehouse are " ~ found ~ ", and this run would write " ~ format ~ ". Set PINLANDING_TABLE_FORMAT="
                ~ found ~ ", or name another PINLANDING_WAREHOUSE: a warehouse keeps its format, as some of its tables are never written anew."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}
