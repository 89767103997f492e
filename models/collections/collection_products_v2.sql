{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

collections as (

    select * from {{ ref('collections') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

needed_sets as (

    select
        collection_id,
        transform(attributes, attribute -> attribute.attribute_id) as attribute_ids
    from collections

),

{{ overlap_join('needed_sets', 'collection_id', 'product_attributes', var('relevance_threshold'), var('top_k')) }},

final as (

    select
        collection_id,
        product_id,
        products,
        rank,
        relevance
    from overlap_products
    where products >= {{ var('retire_size') }}

)

select * from final
