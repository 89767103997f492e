with

page_members as (

    select * from {{ ref('page_members') }}

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

-- A pinned product may be one that is not relevant enough to be the page's own.
candidates as (

    select
        page_members.relevance,
        pins.pin_position,
        page_members.product_id is not null as is_member,
        coalesce(page_members.collection_id, pins.collection_id) as collection_id,
        coalesce(page_members.product_id, pins.product_id) as product_id
    from page_members
    full outer join pins
        on page_members.collection_id = pins.collection_id and page_members.product_id = pins.product_id

),

offered as (

    select
        candidates.*,
        products.item_id,
        products.in_stock
    from candidates
    inner join products on candidates.product_id = products.product_id
    left anti join excluded
        on candidates.collection_id = excluded.collection_id and candidates.product_id = excluded.product_id

),

counted as (

    select
        collection_id,
        count_if(is_member) as products,
        count(distinct if(is_member and in_stock, item_id, null)) as items,
        count(distinct item_id) as all_items
    from offered
    group by collection_id

),

-- One variant an item: one that can be bought, of these the one that fits best.
variants as (

    select
        *,
        row_number() over (
            partition by collection_id, item_id
            order by pin_position asc nulls last, in_stock desc, relevance desc nulls last, product_id asc
        ) as place_in_item
    from offered

),

placed as (

    select
        collection_id,
        product_id,
        cast(row_number() over (
            partition by collection_id
            order by pin_position asc nulls last, in_stock desc, relevance desc nulls last, product_id asc
        ) as int) as place
    from variants
    where place_in_item = 1

),

listed as (

    select
        placed.collection_id,
        array_sort(collect_list(struct(
            placed.place as rank,
            products.product_id,
            products.title,
            products.url,
            products.image_uri,
            products.price,
            products.currency,
            products.in_stock
        ))) as listed_products
    from placed
    inner join products on placed.product_id = products.product_id
    where placed.place <= {{ var('page_items') }}
    group by placed.collection_id

),

final as (

    select
        listed.collection_id,
        listed.listed_products,
        counted.products,
        counted.items,
        counted.all_items
    from listed
    inner join counted on listed.collection_id = counted.collection_id

)

select * from final
