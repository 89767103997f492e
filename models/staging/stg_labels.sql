with

labels as (

    {{ rows_of_input('labels') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

aliases as (

    select
        facet,
        {{ match_key(normalized_value('alias')) }} as phrase,
        min({{ normalized_value('value') }}) as value
    from value_aliases
    group by 1, 2

),

-- Labels are few texts on many products: each text is read once.
texts as (

    select distinct
        facet,
        value
    from labels

),

cleaned as (

    select
        facet as facet_text,
        value as value_text,
        replace(lower({{ clean_text('facet') }}), ' ', '_') as facet,
        {{ normalized_value('value') }} as value
    from texts

),

named as (

    select
        cleaned.facet_text,
        cleaned.value_text,
        cleaned.facet,
        coalesce(aliases.value, cleaned.value) as value
    from cleaned
    left join aliases
        on
            cleaned.facet = aliases.facet
            and {{ match_key('cleaned.value') }} = aliases.phrase
    where cleaned.facet != '' and cleaned.value != ''

),

trimmed as (

    select
        facet,
        value,
        trim(product_id) as product_id
    from labels

),

final as (

    select distinct
        trimmed.product_id,
        named.facet,
        named.value
    from trimmed
    inner join named on trimmed.facet = named.facet_text and trimmed.value = named.value_text
    where trimmed.product_id != ''

)

select * from final
