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
        sized.relevance_threshold,
        sized.combination_id,
        sized.products,
        sized.products_fingerprint,
        attribute_combinations.attribute_ids,
        titled_combinations.titled.title,
        titled_combinations.titled.quality,
        {{ page_slug('titled_combinations.titled.title') }} as slug
    from sized
    inner join settings
        on
            sized.relevance_threshold = settings.relevance_threshold
            and sized.items >= settings.min_collection_size
    inner join attribute_combinations on sized.combination_id = attribute_combinations.combination_id
    inner join titled_combinations on sized.combination_id = titled_combinations.combination_id

),

-- What follows is what `collections` and `page_duplicates` do, for every setting at once.
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

    select *
    from same_address
    where place_at_address = 1

),

-- What lists which products depends on the threshold alone.
worded as (

    select distinct
        relevance_threshold,
        combination_id,
        products,
        attribute_ids,
        {{ search_words('title') }} as words,
        struct(size(attribute_ids) as attributes, -quality as weakness, combination_id) as strength
    from pages

),

candidates as (

    select
        relevance_threshold,
        combination_id,
        products,
        attribute_ids,
        strength,
        {{ title_key('words') }} as title_key
    from worded

),

same_words as (

    select
        candidates.relevance_threshold,
        candidates.combination_id,
        stronger.combination_id as stronger_id
    from candidates
    inner join candidates as stronger
        on
            candidates.relevance_threshold = stronger.relevance_threshold
            and candidates.title_key = stronger.title_key
            and candidates.strength > stronger.strength

),

broader_ids as (

    select
        relevance_threshold,
        combination_id,
        products,
        explode(transform(
            attribute_ids, attribute_id -> {{ combination_id('array_remove(attribute_ids, attribute_id)') }}
        )) as broader_id
    from candidates

),

nearly_broader as (

    select
        broader_ids.relevance_threshold,
        broader_ids.combination_id,
        broader.combination_id as stronger_id
    from broader_ids
    inner join candidates as broader
        on
            broader_ids.relevance_threshold = broader.relevance_threshold
            and broader_ids.broader_id = broader.combination_id
    where broader_ids.products / broader.products >= {{ var('near_duplicate_overlap') }}

),

members as (

    select
        candidates.relevance_threshold,
        candidates.combination_id,
        candidates.strength,
        sweep_members.product_id,
        candidates.products as set_size
    from candidates
    inner join sweep_members
        on
            candidates.combination_id = sweep_members.combination_id
            and candidates.relevance_threshold <= sweep_members.relevance

),

{{ nearly_same_products('members', 'combination_id', within=['relevance_threshold']) }},

repeats as (

    select * from same_words
    union all
    select * from nearly_broader
    union all
    select * from nearly_same_products

),

near_duplicates as (

    select
        pages.setting_bit,
        pages.combination_id
    from repeats
    inner join pages
        on repeats.relevance_threshold = pages.relevance_threshold and repeats.combination_id = pages.combination_id
    inner join pages as stronger
        on pages.setting_bit = stronger.setting_bit and repeats.stronger_id = stronger.combination_id

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
