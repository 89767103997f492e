{#- The items from which a page is one: fewer for a page that stands (a column of standing_pages; null for none) than for a new one. -#}
{% macro fewest_items(stands) -%}
    if(coalesce({{ stands }}, false), {{ var('retire_size') }}, {{ var('min_collection_size') }})
{%- endmacro %}
