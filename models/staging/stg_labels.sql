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

cleaned as (

    select
        trim(product_id) as product_id,
        replace(lower({{ clean_text('facet') }}), ' ', '_') as facet,
        {{ normalized_value('value') }} as value
    from labels

),

final as (

    select distinct
        cleaned.product_id,
        cleaned.facet,
        coalesce(aliases.value, cleaned.value) as value
    from cleaned
    left join aliases
        on
            cleaned.facet = aliases.facet
            and {{ match_key('cleaned.value') }} = aliases.phrase
    where cleaned.product_id != '' and cleaned.facet != '' and cleaned.value != ''

)

select * from final
