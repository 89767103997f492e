{#- One end of the 95 % Wilson score interval of a mean of n numbers from 0 to 1 (Wilson 1927). Numbers between 0 and 1 vary
    less than zeros and ones with the same mean, so it is rather too wide; it never leaves 0 to 1 and stands at n = 1. -#}
{% macro wilson_interval(mean, n, sign) -%}
    greatest(0, least(1, (
        {{ mean }} + 1.9207 / {{ n }} {{ sign }} 1.96 * sqrt({{ mean }} * (1 - {{ mean }}) / {{ n }} + 0.9604 / ({{ n }} * {{ n }}))
    ) / (1 + 3.8416 / {{ n }})))
{%- endmacro %}
