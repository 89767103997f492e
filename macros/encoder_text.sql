{#- What the text tower reads of an attribute, such as `color: navy blue`: the form that training uses too. -#}
{% macro attribute_prompt(facet, value) -%}
    concat(replace({{ facet }}, '_', ' '), ': ', {{ value }})
{%- endmacro %}

{#- Two tasks a worker: the slower of the two is made up for by the other worker, and each task costs a start and a file. -#}
{% macro embedding_tasks() -%}
    {{ var('embedding_tasks') or 2 * (workers() | int) }}
{%- endmacro %}

{#- Spreads the rows of a select over tasks before an expensive function; Spark would put few small rows into one. -#}
{% macro spread_rows() -%}
    /*+ repartition({{ embedding_tasks() }}) */
{%- endmacro %}
