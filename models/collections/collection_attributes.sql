with

collections as (

    select * from {{ ref('collections') }}

),

exploded as (

    select
        collection_id,
        explode(attributes) as entry
    from collections

),

final as (

    select
        exploded.collection_id,
        exploded.entry.attribute_id,
        exploded.entry.facet,
        exploded.entry.value
    from exploded

)

select * from final
