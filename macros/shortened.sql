{#- Text of at most so many characters, cut after a word. -#}
{% macro shortened(text, length) -%}
    if(length({{ text }}) <= {{ length }}, {{ text }}, concat(regexp_extract({{ text }}, '^(.{{ '{1,%d}' % (length - 1) }})\\s', 1), '…'))
{%- endmacro %}
