{#- The words of a title or a query, singular and in order: what the baseline's text retrieval compares. -#}
{% macro search_words(text) -%}
    filter(split({{ match_key(normalized_value(text)) }}, ' '), word -> word != '')
{%- endmacro %}

{#- What titles with the same words (search_words) share, whatever their order. -#}
{% macro title_key(words) -%}
    array_join(array_sort(array_distinct({{ words }})), ' ')
{%- endmacro %}

{#- Words as terms beside attribute ids: of a query, what no attribute says. -#}
{% macro word_terms(words) -%}
    transform({{ words }}, word -> concat('word:', word))
{%- endmacro %}
