with

collection_products as (

    select * from {{ ref('collection_products') }}

),

products as (

    select * from {{ ref('products') }}

),

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

pins as (

    select
        collection_id,
        product_id,
        pin_position
    from checked_overrides
    where action = 'pin' and warning is null

),

excluded as (

    select
        collection_id,
        product_id
    from checked_overrides
    where action = 'exclude' and warning is null

),

-- A pinned product may be one that top_k left out.
candidates as (

    select
        collection_products.rank,
        pins.pin_position,
        coalesce(collection_products.collection_id, pins.collection_id) as collection_id,
        coalesce(collection_products.product_id, pins.product_id) as product_id
    from collection_products
    full outer join pins
        on collection_products.collection_id = pins.collection_id and collection_products.product_id = pins.product_id

),

-- One variant an item: one that can be bought, of these the one that fits best.
variants as (

    select
        candidates.collection_id,
        candidates.rank,
        candidates.pin_position,
        products.product_id,
        products.title,
        products.url,
        products.image_uri,
        products.price,
        products.currency,
        products.in_stock,
        row_number() over (
            partition by candidates.collection_id, products.item_id
            order by
                candidates.pin_position asc nulls last,
                products.in_stock desc,
                candidates.rank asc nulls last,
                products.product_id asc
        ) as place_in_item
    from candidates
    inner join products on candidates.product_id = products.product_id
    left anti join excluded
        on candidates.collection_id = excluded.collection_id and candidates.product_id = excluded.product_id

),

placed as (

    select
        *,
        cast(row_number() over (
            partition by collection_id
            order by pin_position asc nulls last, in_stock desc, rank asc nulls last, product_id asc
        ) as int) as place
    from variants
    where place_in_item = 1

),

final as (

    select
        placed.collection_id,
        array_sort(collect_list(struct(
            placed.place as rank,
            placed.product_id,
            placed.title,
            placed.url,
            placed.image_uri,
            placed.price,
            placed.currency,
            placed.in_stock
        ))) as listed_products
    from placed
    where placed.place <= {{ var('page_items') }}
    group by placed.collection_id

)

select * from final
