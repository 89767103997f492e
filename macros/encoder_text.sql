{#- What the text tower reads of an attribute, such as `color: navy blue`: the form that training uses too. -#}
{% macro attribute_prompt(facet, value) -%}
    concat(replace({{ facet }}, '_', ' '), ': ', {{ value }})
{%- endmacro %}

{#- Spreads the rows of a select over tasks before an expensive function; Spark would put few small rows into one. -#}
{% macro spread_rows() -%}
    /*+ repartition({{ var('embedding_tasks') }}) */
{%- endmacro %}
