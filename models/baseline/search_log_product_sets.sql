with

search_log_matches as (

    select * from {{ ref('search_log_matches') }}

),

products as (

    select * from {{ ref('products') }}

),

final as (

    select
        search_log_matches.query,
        search_log_matches.combination_id,
        search_log_matches.searches,
        count(*) as products,
        count(distinct if(products.in_stock, products.item_id, null)) as items,
        {{ set_fingerprint('search_log_matches.product_id', 'true') }} as products_fingerprint
    from search_log_matches
    inner join products on search_log_matches.product_id = products.product_id
    group by search_log_matches.query, search_log_matches.combination_id, search_log_matches.searches
    -- A collection's minimum counts distinct items in stock: so does the baseline's.
    having count(distinct if(products.in_stock, products.item_id, null)) >= {{ var('min_collection_size') }}

)

select * from final
