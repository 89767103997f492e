{#- The items from which a page is one: fewer for a page that stands (its status in standing_pages; null for none) than for a new one. -#}
{% macro fewest_items(standing_status) -%}
    if(coalesce({{ standing_status }} in ('published', 'hidden'), false), {{ var('retire_size') }}, {{ var('min_collection_size') }})
{%- endmacro %}
