with

collections as (

    select * from {{ ref('collections') }}

),

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

sized as (

    select
        collection_id,
        size(attributes) as attribute_count
    from collections

),

carriers as (

    select
        collection_attributes.collection_id,
        product_attributes.product_id,
        {{ relevance('sum(' ~ exact_score('product_attributes.score') ~ ')', 'count(*)') }} as relevance
    from collection_attributes
    inner join sized on collection_attributes.collection_id = sized.collection_id
    inner join product_attributes on collection_attributes.attribute_id = product_attributes.attribute_id
    group by collection_attributes.collection_id, product_attributes.product_id
    having count(*) = max(sized.attribute_count)

),

relevant as (

    select *
    from carriers
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
        and products >= {{ var('min_collection_size') }}

)

select * from final
