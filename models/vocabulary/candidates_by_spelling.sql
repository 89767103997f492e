{{ config(materialized='ephemeral') }}

with

vocabulary_centres as (

    select * from {{ ref('vocabulary_centres') }}

),

-- One letter apart, or two swapped, in one long word. Equal numbers of words and first letters keep the join small.
one_letter as (

    select
        rare.facet,
        rare.value,
        frequent.value as candidate,
        if(
            length(rare.compact_spelling) = length(frequent.compact_spelling)
            and array_sort(split(rare.compact_spelling, '')) = array_sort(split(frequent.compact_spelling, ''))
            or regexp_replace(rare.compact_spelling, '(.)\\1', '$1')
            = regexp_replace(frequent.compact_spelling, '(.)\\1', '$1'),
            'letters swapped or doubled',
            'one letter differs'
        ) as evidence
    from vocabulary_centres as rare
    inner join vocabulary_centres as frequent
        on
            rare.facet = frequent.facet
            and size(rare.words) = size(frequent.words)
            and left(rare.compact_spelling, 2) = left(frequent.compact_spelling, 2)
            and rare.value != frequent.value
    where
        not rare.value rlike '\\p{N}'
        and length(array_join(array_except(rare.words, frequent.words), ' ')) >= 5
        and (
            levenshtein(rare.compact_spelling, frequent.compact_spelling) = 1
            or (
                levenshtein(rare.compact_spelling, frequent.compact_spelling) = 2
                and array_sort(split(rare.compact_spelling, '')) = array_sort(split(frequent.compact_spelling, ''))
            )
        )

),

stems as (

    select
        facet,
        value,
        array_join(
            transform(
                words,
                word -> regexp_replace(
                    regexp_replace(word, '(?<=\\p{L}{3})(?:ed|ing|ies|ie|y|e)$', ''), '(?<=\\p{L}{2})(\\p{L})\\1$', '$1'
                )
            ),
            ' '
        ) as stem
    from vocabulary_centres

),

inflected as (

    select
        rare.facet,
        rare.value,
        frequent.value as candidate,
        'another ending' as evidence
    from stems as rare
    inner join stems as frequent
        on rare.facet = frequent.facet and rare.stem = frequent.stem and rare.value != frequent.value

),

final as (

    select * from one_letter
    union all
    select * from inflected

)

select * from final
