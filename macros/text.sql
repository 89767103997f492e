{#- Text without control characters and repeated white space. -#}
{% macro clean_text(column) -%}
    trim(regexp_replace({{ column }}, '[\\s\\p{Cntrl}]+', ' '))
{%- endmacro %}

{#- The phrases that an array of words ends with, longest first, each with the place of its first word: array<struct<place, ending>>. -#}
{% macro endings(words, first_place) -%}
    transform(
        sequence({{ first_place }}, size({{ words }})),
        place -> struct(place, array_join(slice({{ words }}, place, size({{ words }})), ' ') as ending)
    )
{%- endmacro %}
