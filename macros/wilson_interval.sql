{#- One end of the 95 % Wilson score interval of a mean of n numbers from 0 to 1 (Wilson 1927), to six digits. Numbers between 0
    and 1 vary less than zeros and ones with the same mean, so it is rather too wide; it stays within 0 and 1. -#}
{% macro wilson_interval(mean, n, sign) -%}
    round(
        (
            {{ mean }} + 1.9208 / cast({{ n }} as double)
            {{ sign }} 1.96 * sqrt({{ mean }} * (1 - {{ mean }}) / {{ n }} + 0.9604 / power({{ n }}, 2))
        ) / (1 + 3.8416 / cast({{ n }} as double)),
        6
    )
{%- endmacro %}
