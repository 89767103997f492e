{#- Our settings: how much more frequent the centre of a one-letter variant is, to merge it or to ask about it. -#}
{%- set merge_ratio = 10 -%}
{%- set ask_ratio = 2 -%}
with

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

contrasting_words as (

    select * from {{ ref('contrasting_words') }}

),

centres as (

    select
        facet,
        centre as value,
        min(compact_spelling) as compact_spelling,
        sum(products) as products,
        split({{ match_key('centre') }}, ' ') as words
    from vocabulary_spellings
    group by facet, centre

),

-- One letter apart, in one long word: blocks by number of words and first letters keep the join small.
variants as (

    select
        rare.facet,
        rare.value,
        rare.words,
        rare.products,
        frequent.value as centre,
        frequent.words as centre_words,
        frequent.products as centre_products
    from centres as rare
    inner join centres as frequent
        on
            rare.facet = frequent.facet
            and size(rare.words) = size(frequent.words)
            and left(rare.compact_spelling, 2) = left(frequent.compact_spelling, 2)
            and rare.value != frequent.value
            and rare.products * {{ ask_ratio }} <= frequent.products
    where
        rare.facet = 'product_type'
        and not rare.value rlike '\\p{N}'
        and length(array_join(array_except(rare.words, frequent.words), ' ')) >= 7
        and levenshtein(rare.compact_spelling, frequent.compact_spelling) = 1

),

contrasts as (

    select collect_list(struct(word, contrast)) as pairs
    from contrasting_words

),

nearest as (

    select
        variants.*,
        row_number() over (
            partition by variants.facet, variants.value
            order by variants.centre_products desc, variants.centre asc
        ) as choice
    from variants
    cross join contrasts
    where
        not exists(
            contrasts.pairs,
            pair
            -> (array_contains(variants.words, pair.word) and array_contains(variants.centre_words, pair.contrast))
            or (array_contains(variants.words, pair.contrast) and array_contains(variants.centre_words, pair.word))
        )

),

-- Never transitive: a centre that is itself a variant takes nobody in.
one_letter as (

    select
        nearest.facet,
        nearest.value,
        nearest.centre,
        nearest.products * {{ merge_ratio }} <= nearest.centre_products as is_sure
    from nearest
    left anti join nearest as variant_centres
        on nearest.facet = variant_centres.facet and nearest.centre = variant_centres.value
    where nearest.choice = 1

),

final as (

    select
        vocabulary_spellings.facet,
        vocabulary_spellings.value,
        vocabulary_spellings.products,
        if(coalesce(one_letter.is_sure, false), one_letter.centre, vocabulary_spellings.centre) as merged_value,
        if(one_letter.is_sure, null, one_letter.centre) as waits_for,
        case
            when one_letter.is_sure then 'a misspelling: one letter off and far less frequent'
            when vocabulary_spellings.aliased_value != vocabulary_spellings.value then 'an alias in value_aliases'
            when vocabulary_spellings.centre != vocabulary_spellings.value
                then 'the same words, separated or inflected differently'
        end as reason
    from vocabulary_spellings
    left join one_letter
        on vocabulary_spellings.facet = one_letter.facet and vocabulary_spellings.centre = one_letter.value

)

select * from final
