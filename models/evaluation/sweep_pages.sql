with

sweep_members as (

    select * from {{ ref('sweep_members') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

products as (

    select * from {{ ref('products') }}

),

settings as (

    select * from {{ ref('sweep_settings') }}

),

thresholds as (

    select distinct relevance_threshold
    from settings

),

sized as (

    select
        thresholds.relevance_threshold,
        sweep_members.combination_id,
        count(*) as products,
        count(distinct if(products.in_stock, products.item_id, null)) as items,
        {{ set_fingerprint('sweep_members.product_id', 'true') }} as products_fingerprint
    from sweep_members
    inner join products on sweep_members.product_id = products.product_id
    inner join thresholds on sweep_members.relevance >= thresholds.relevance_threshold
    group by thresholds.relevance_threshold, sweep_members.combination_id

),

large_enough as (

    select
        settings.setting_bit,
        sized.combination_id,
        sized.products,
        sized.products_fingerprint,
        attribute_combinations.attribute_ids,
        titled_combinations.titled.quality,
        {{ slug('titled_combinations.titled.title') }} as slug
    from sized
    inner join settings
        on
            sized.relevance_threshold = settings.relevance_threshold
            and sized.items >= settings.min_collection_size
    inner join attribute_combinations on sized.combination_id = attribute_combinations.combination_id
    inner join titled_combinations on sized.combination_id = titled_combinations.combination_id

),

-- What follows is what `collections` and `landing_pages` do, for every setting at once.
same_products as (

    select
        *,
        row_number() over (
            partition by setting_bit, products_fingerprint
            order by quality desc, size(attribute_ids) asc, combination_id asc
        ) as place
    from large_enough

),

same_address as (

    select
        *,
        row_number() over (
            partition by setting_bit, slug
            order by quality desc, products desc, combination_id asc
        ) as place_at_address
    from same_products
    where place = 1

),

pages as (

    select
        setting_bit,
        combination_id,
        products,
        attribute_ids
    from same_address
    where place_at_address = 1

),

dropped as (

    select
        setting_bit,
        combination_id,
        products,
        attribute_ids,
        explode(attribute_ids) as dropped_id
    from pages

),

broader_ids as (

    select
        setting_bit,
        combination_id,
        products,
        {{ combination_id('array_remove(attribute_ids, dropped_id)') }} as broader_id
    from dropped

),

near_duplicates as (

    select
        broader_ids.setting_bit,
        broader_ids.combination_id
    from broader_ids
    inner join pages as broader
        on
            broader_ids.setting_bit = broader.setting_bit
            and broader_ids.broader_id = broader.combination_id
    where broader_ids.products / broader.products >= {{ var('near_duplicate_overlap') }}

),

final as (

    select
        pages.setting_bit,
        pages.combination_id
    from pages
    left anti join near_duplicates
        on
            pages.setting_bit = near_duplicates.setting_bit
            and pages.combination_id = near_duplicates.combination_id

)

select * from final
