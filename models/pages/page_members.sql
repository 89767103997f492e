with

collections as (

    select * from {{ ref('collections') }}

),

collection_products as (

    select * from {{ ref('collection_products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

needed as (

    select
        collections.collection_id,
        collections.attributes.attribute_id as attribute_ids,
        explode(collections.attributes.attribute_id) as attribute_id
    from collections
    where collections.products > {{ var('top_k') }}

),

needed_scores as (

    select
        product_id,
        attribute_id,
        score
    from product_attributes
    where attribute_id in (select needed.attribute_id from needed)

),

{{ carried_relevances('needed', 'needed_scores', 'collection_id') }},

final as (

    select
        collection_id,
        product_id,
        relevance
    from collection_products
    where products <= {{ var('top_k') }}
    union all
    select
        collection_id,
        product_id,
        relevance
    from carried_relevances
    where relevance >= {{ var('relevance_threshold') }}

)

select * from final
