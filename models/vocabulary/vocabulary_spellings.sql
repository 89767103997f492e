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

canonical_values as (

    select * from {{ ref('canonical_values') }}

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
    union all
    select
        facet,
        {{ match_key(normalized_value('alias')) }} as phrase,
        min({{ normalized_value('value') }}) as value
    from value_aliases
    where facet = 'product_type'
    group by facet, {{ match_key(normalized_value('alias')) }}

),

aliased as (

    select
        counted.facet,
        counted.value,
        counted.products,
        canonical_values.words,
        coalesce(aliases.value, counted.value) as aliased_value,
        {{ compact_key("array_join(canonical_values.words, ' ')") }} as compact_spelling
    from counted
    inner join canonical_values on counted.facet = canonical_values.facet and counted.value = canonical_values.value
    left join aliases
        on counted.facet = aliases.facet and {{ match_key('counted.value') }} = aliases.phrase

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
        aliased.compact_spelling,
        sum(aliased.products) as products,
        max(alias_targets.value is not null) as is_alias_target
    from aliased
    left join alias_targets on aliased.facet = alias_targets.facet and aliased.aliased_value = alias_targets.value
    group by aliased.facet, aliased.aliased_value, aliased.compact_spelling

),

-- One star per compact spelling: the alias seed's own spelling in the middle, else the most frequent one.
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
        aliased.words,
        aliased.compact_spelling,
        centred.centre
    from aliased
    inner join centred
        on
            aliased.facet = centred.facet
            and aliased.aliased_value = centred.value
            and aliased.compact_spelling = centred.compact_spelling

)

select * from final
