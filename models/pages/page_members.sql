{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

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

large_sets as (

    select
        collection_id,
        transform(attributes, attribute -> attribute.attribute_id) as attribute_ids
    from collections
    where products > {{ var('top_k') }}

),

{{ overlap_join('large_sets', 'collection_id', 'product_attributes', var('relevance_threshold')) }},

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
    from overlap_products

)

select * from final
