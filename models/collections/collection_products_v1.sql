with

collections as (

    select * from {{ ref('collections') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

collection_attributes as (

    select
        collection_id,
        transform(attributes, attribute -> attribute.attribute_id) as attribute_ids,
        explode(transform(attributes, attribute -> attribute.attribute_id)) as attribute_id
    from collections

),

{{ carried_relevances('collection_attributes', 'product_attributes', 'collection_id') }},

relevant as (

    select *
    from carried_relevances
    where relevance >= {{ var('relevance_threshold') }}

),

ranked as (

    select
        collection_id,
        product_id,
        cast(row_number() over (partition by collection_id order by relevance desc, product_id asc) as int) as rank,
        relevance,
        count(*) over (partition by collection_id) as products
    from relevant

),

final as (

    select *
    from ranked
    where
        rank <= {{ var('top_k') }}
        and products >= {{ var('retire_size') }}

)

select * from final
