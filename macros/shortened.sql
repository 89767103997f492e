{#- Text of at most so many characters, cut after a word; in one, where it has no space. -#}
{% macro shortened(text, length) -%}
    if(length({{ text }}) <= {{ length }}, {{ text }}, concat(
        coalesce(nullif(regexp_extract({{ text }}, '^(.{{ '{1,%d}' % (length - 1) }})\\s', 1), ''), left({{ text }}, {{ length - 1 }})), '…'
    ))
{%- endmacro %}
