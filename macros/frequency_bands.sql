{#- The lower edge of the band of frequencies that a count lies in: 0, or the highest of the var frequency_bands that it reaches. -#}
{% macro frequency_from(products) -%}
    array_max(filter(array(0, {{ var('frequency_bands') | join(', ') }}), edge -> edge <= {{ products }}))
{%- endmacro %}

{#- The last count of the band that begins at a lower edge; null for the highest band. -#}
{% macro frequency_to(lower_edge) -%}
    array_min(filter(array({{ var('frequency_bands') | join(', ') }}), edge -> edge > {{ lower_edge }})) - 1
{%- endmacro %}
