{#- Text without control characters and repeated white space. -#}
{% macro clean_text(column) -%}
    trim(regexp_replace({{ column }}, '[\\s\\p{Cntrl}]+', ' '))
{%- endmacro %}
