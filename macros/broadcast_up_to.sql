{#- A hint that sends `relation`, a CTE's name in the model, whole to all tasks when the table `source` has at most so many rows. Spark's own threshold
    knows compressed bytes only, and raised for a session it would reach the models that run meanwhile, which fill the heap with tables of many more rows. -#}
{% macro broadcast_up_to(most_rows, relation, source) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') and not source.is_cte and load_relation(source) -%}
        {%- set rows = run_query("select count(*) as products from " ~ source).columns[0].values()[0] -%}
        {%- if rows <= most_rows -%}/*+ broadcast({{ relation }}) */{%- endif -%}
    {%- endif -%}
{%- endmacro %}
