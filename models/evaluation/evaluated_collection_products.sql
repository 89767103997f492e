with

collection_products as (

    select * from {{ ref('collection_products') }}

),

search_log_collection_products as (

    select * from {{ ref('search_log_collection_products') }}

),

final as (

    select
        'content_first' as approach,
        collection_id,
        product_id,
        rank
    from collection_products
    union all
    select
        'search_log' as approach,
        collection_id,
        product_id,
        rank
    from search_log_collection_products

)

select * from final
