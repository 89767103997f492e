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

counted as (

    select
        facet,
        value,
        count(distinct product_id) as products
    from extracted_attributes
    group by facet, value

),

aliases as (

    select
        facet,
        phrase,
        value
    from closed_lexicon
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

-- The whole value first ("tee"), then its last word ("graphic tee") where the catalogue also says it in full.
aliased as (

    select
        keyed.facet,
        keyed.value,
        keyed.products,
        coalesce(
            whole.value,
            in_full.value,
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
    left join keyed as in_full
        on
            keyed.facet = in_full.facet
            and concat(substring(keyed.phrase, 1, length(keyed.phrase) - length(keyed.last_word)), tails.value)
            = in_full.value

),

alias_targets as (

    select distinct
        facet,
        value
    from aliases

),

spelled as (

    select
        aliased.facet,
        aliased.aliased_value as value,
        {{ compact_key('aliased.aliased_value') }} as compact_spelling,
        sum(aliased.products) as products,
        max(alias_targets.value is not null) as is_alias_target
    from aliased
    left join alias_targets on aliased.facet = alias_targets.facet and aliased.aliased_value = alias_targets.value
    group by aliased.facet, aliased.aliased_value

),

-- One star per compact_spelling spelling: the alias seed's own spelling in the middle, else the most frequent one.
centred as (

    select
        *,
        first_value(value) over (
            partition by facet, compact_spelling
            order by is_alias_target desc, products desc, value asc
        ) as centre
    from spelled

),

final as (

    select
        aliased.facet,
        aliased.value,
        aliased.products,
        aliased.aliased_value,
        centred.centre,
        centred.compact_spelling
    from aliased
    inner join centred on aliased.facet = centred.facet and aliased.aliased_value = centred.value

)

select * from final
