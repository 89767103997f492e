{#- The band of frequencies that a count lies in, by the edges of the var frequency_bands: "0 to 9", "1000 and more". -#}
{% macro frequency_band(products) -%}
    case
        {%- for edge in var('frequency_bands') %}
        when {{ products }} < {{ edge }} then '{{ var('frequency_bands')[loop.index0 - 1] if loop.index0 else 0 }} to {{ edge | int - 1 }}'
        {%- endfor %}
        else '{{ var('frequency_bands')[-1] }} and more'
    end
{%- endmacro %}
