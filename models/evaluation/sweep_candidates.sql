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

    select array_sort(collect_set(relevance_threshold)) as thresholds
    from settings

),

-- How many of the thresholds a product reaches: it is read once, not once a threshold.
stepped as (

    select
        sweep_members.combination_id,
        sweep_members.product_id,
        if(products.in_stock, products.item_id, null) as item_id,
        size(filter(
            thresholds.thresholds, relevance_threshold -> sweep_members.relevance >= relevance_threshold
        )) as step
    from sweep_members
    inner join products on sweep_members.product_id = products.product_id
    cross join thresholds

),

step_products as (

    select
        combination_id,
        step,
        count(*) as products,
        bit_xor(xxhash64(product_id)) as hash_xor,
        sum(xxhash64(product_id, 'sum')) as hash_sum
    from stepped
    group by combination_id, step

),

item_steps as (

    select
        combination_id,
        item_id,
        max(step) as step
    from stepped
    where item_id is not null
    group by combination_id, item_id

),

step_items as (

    select
        combination_id,
        step,
        count(*) as items
    from item_steps
    group by combination_id, step

),

steps as (

    select
        inline(transform(
            thresholds, (least_relevance, place) -> struct(least_relevance as relevance_threshold, place + 1 as step)
        ))
    from thresholds

),

sized_products as (

    select
        steps.step,
        steps.relevance_threshold,
        step_products.combination_id,
        sum(step_products.products) as products,
        xxhash64(
            sum(step_products.products), bit_xor(step_products.hash_xor), sum(step_products.hash_sum)
        ) as products_fingerprint
    from step_products
    inner join steps on step_products.step >= steps.step
    group by steps.step, steps.relevance_threshold, step_products.combination_id

),

sized_items as (

    select
        steps.step,
        step_items.combination_id,
        sum(step_items.items) as items
    from step_items
    inner join steps on step_items.step >= steps.step
    group by steps.step, step_items.combination_id

),

large_enough as (

    select
        settings.setting_bit,
        sized_products.combination_id,
        sized_products.products,
        sized_products.products_fingerprint,
        attribute_combinations.attribute_ids,
        titled_combinations.titled.title,
        titled_combinations.titled.quality,
        {{ page_slug('titled_combinations.titled.title') }} as slug
    from sized_products
    inner join sized_items
        on
            sized_products.step = sized_items.step
            and sized_products.combination_id = sized_items.combination_id
    inner join settings
        on
            sized_products.relevance_threshold = settings.relevance_threshold
            and sized_items.items >= settings.min_collection_size
    inner join attribute_combinations on sized_products.combination_id = attribute_combinations.combination_id
    inner join titled_combinations on sized_products.combination_id = titled_combinations.combination_id

),

-- What follows is what `collections` does, for every setting at once.
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

final as (

    select
        setting_bit,
        combination_id,
        products,
        attribute_ids,
        title,
        quality
    from same_address
    where place_at_address = 1

)

select * from final
