{#- Our settings: how much more frequent the centre of a one-letter variant is, to merge it or to ask about it. -#}
{%- set merge_ratio = 10 -%}
{%- set ask_ratio = 2 -%}
with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

contrasting_words as (

    select * from {{ ref('contrasting_words') }}

),

counted as (

    select
        facet,
        value,
        count(distinct product_id) as products
    from extracted_attributes
    group by facet, value

),

aliases as (

    select facet, phrase, value from closed_lexicon
    union
    select
        facet,
        {{ match_key(normalized_value('alias')) }} as phrase,
        {{ normalized_value('value') }} as value
    from value_aliases
    where facet = 'product_type'

),

keyed as (

    select
        *,
        {{ match_key('value') }} as phrase,
        element_at(split({{ match_key('value') }}, ' '), -1) as last_word
    from counted

),

-- The whole value first ("tee"), then its last word ("graphic tee").
aliased as (

    select
        keyed.facet,
        keyed.value,
        keyed.products,
        coalesce(
            whole.value,
            concat(substring(keyed.phrase, 1, length(keyed.phrase) - length(keyed.last_word)), tails.value),
            keyed.value
        ) as aliased_value
    from keyed
    left join aliases as whole on keyed.facet = whole.facet and keyed.phrase = whole.phrase
    left join aliases as tails
        on
            keyed.facet = tails.facet
            and keyed.facet = 'product_type'
            and keyed.last_word = tails.phrase
            and keyed.phrase != tails.phrase

),

alias_targets as (

    select distinct facet, value from aliases

),

spelled as (

    select
        aliased.facet,
        aliased.aliased_value as value,
        {{ compact_key('aliased.aliased_value') }} as compact,
        sum(aliased.products) as products,
        max(alias_targets.value is not null) as is_alias_target
    from aliased
    left join alias_targets on aliased.facet = alias_targets.facet and aliased.aliased_value = alias_targets.value
    group by aliased.facet, aliased.aliased_value

),

-- One star per compact spelling: the alias seed's own spelling in the middle, else the most frequent one.
centred as (

    select
        *,
        first_value(value) over (
            partition by facet, compact
            order by is_alias_target desc, products desc, value
        ) as centre
    from spelled

),

centres as (

    select
        facet,
        centre as value,
        min(compact) as compact,
        sum(products) as products,
        split({{ match_key('centre') }}, ' ') as words
    from centred
    group by facet, centre

),

-- One letter apart: only long values, and blocks by length and ends keep the join small.
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
            and rare.facet = 'product_type'
            and left(rare.compact, 2) = left(frequent.compact, 2)
            and rare.value != frequent.value
            and rare.products * {{ ask_ratio }} <= frequent.products
    where
        length(rare.compact) >= 7
        and length(frequent.compact) >= 7
        and not rare.value rlike '\\p{N}'
        and levenshtein(rare.compact, frequent.compact) <= if(length(rare.compact) >= 9, 2, 1)
        and right(rare.compact, 1) = right(frequent.compact, 1)

),

contrasted as (

    select distinct
        variants.facet,
        variants.value,
        variants.centre
    from variants
    inner join contrasting_words
        on
            (array_contains(words, word) and array_contains(centre_words, contrast))
            or (array_contains(words, contrast) and array_contains(centre_words, word))

),

nearest as (

    select
        variants.*,
        row_number() over (
            partition by variants.facet, variants.value
            order by variants.centre_products desc, variants.centre
        ) as choice
    from variants
    left anti join contrasted
        on
            variants.facet = contrasted.facet
            and variants.value = contrasted.value
            and variants.centre = contrasted.centre

),

-- Never transitive: a centre that is itself a variant takes nobody in.
one_letter as (

    select
        nearest.facet,
        nearest.value,
        nearest.centre,
        nearest.products * {{ merge_ratio }} <= nearest.centre_products as is_sure
    from nearest
    left anti join nearest as others
        on nearest.facet = others.facet and nearest.centre = others.value
    where nearest.choice = 1

),

final as (

    select
        aliased.facet,
        aliased.value,
        aliased.products,
        if(one_letter.is_sure, one_letter.centre, centred.centre) as merged_value,
        if(not one_letter.is_sure, one_letter.centre, null) as waits_for,
        case
            when one_letter.is_sure then 'a misspelling: one or two letters off and far less frequent'
            when aliased.aliased_value != aliased.value then 'an alias in value_aliases'
            when centred.centre != aliased.value then 'the same words, separated or inflected differently'
        end as reason
    from aliased
    inner join centred on aliased.facet = centred.facet and aliased.aliased_value = centred.value
    left join one_letter on centred.facet = one_letter.facet and centred.centre = one_letter.value

)

select * from final
