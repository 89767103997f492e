{#- The select of the texts that hold an unsafe term as whole words: `keys` and the first such term, as `category: term`.

    `texts`: a relation with the keys and `text`, in the vocabulary's spelling (normalized_value), of a title and what follows
    parted by ` - `, which no term crosses; `terms`: one with category and term. Where `allowed` is true it has a column of that
    name: text in which people accept a term. Cost linear in texts times terms. -#}
{% macro unsafe_texts(texts, terms, keys, allowed=false) %}
select
    {{ keys | join(', ') }},
    min(concat(category, ': ', term)) as unsafe_term
from (
    select
        {{ keys | join(', ') }},
        {{ between_spaces('allowed') if allowed else "''" }} as allowed,
        {{ between_spaces('text') }} as spoken
    from {{ texts }}
) as texts
inner join (
    select
        category,
        term,
        {{ between_spaces(normalized_value('term')) }} as spoken_term
    from {{ terms }}
) as terms
    on contains(texts.spoken, terms.spoken_term) and not contains(texts.allowed, terms.spoken_term)
group by {{ keys | join(', ') }}
{% endmacro %}

{#- The words of a normalized text, each between spaces. -#}
{% macro between_spaces(text) -%}
    concat(' ', {{ match_key(text) }}, ' ')
{%- endmacro %}

{#- A title and its description as `unsafe_texts` reads them, and the values of its attributes, of which people decided: a term
    that one of them holds is allowed. -#}
{% macro title_text(title, description) -%}
    {{ normalized_value("concat_ws(' - ', " ~ title ~ ", " ~ description ~ ")") }}
{%- endmacro %}

{% macro values_text(attributes) -%}
    array_join(transform({{ attributes }}, attribute -> attribute.value), ' - ')
{%- endmacro %}
