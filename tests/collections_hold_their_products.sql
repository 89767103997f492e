-- Collections whose page disagrees with them: fewer items in stock than retire_size, another count than the overlap
-- join has, a list that is not the first top_k without gaps, or a product below the relevance threshold.
with

collections as (

    select * from {{ ref('collections') }}

),

collection_products as (

    select * from {{ ref('collection_products') }}

),

listed as (

    select
        collection_id,
        count(*) as listed,
        count(distinct product_id) as different,
        max(rank) as last_rank,
        min(relevance) as least_relevance,
        min(products) as least_products,
        max(products) as most_products
    from collection_products
    group by collection_id

),

final as (

    select
        collections.collection_id,
        collections.products,
        listed.listed,
        listed.least_products,
        listed.most_products,
        listed.last_rank,
        listed.least_relevance
    from collections
    left join listed on collections.collection_id = listed.collection_id
    where
        collections.items < {{ var('retire_size') }}
        or collections.items > collections.products
        or listed.listed is null
        or listed.least_products <> collections.products
        or listed.most_products <> collections.products
        or listed.listed <> least(collections.products, {{ var('top_k') }})
        or listed.different <> listed.listed
        or listed.last_rank <> listed.listed
        or listed.least_relevance < {{ var('relevance_threshold') }}

)

select * from final
