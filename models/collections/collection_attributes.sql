with

collections as (

    select * from {{ ref('collections') }}

),

exploded as (

    select
        collection_id,
        explode(attributes) as attribute
    from collections

),

final as (

    select
        collection_id,
        attribute.attribute_id,
        attribute.facet,
        attribute.value
    from exploded

)

select * from final
