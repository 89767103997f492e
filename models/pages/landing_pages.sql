with

collections as (

    select * from {{ ref('collections') }}

),

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

collection_products as (

    select * from {{ ref('collection_products') }}

),

products as (

    select * from {{ ref('products') }}

),

broader_ids as (

    select
        collections.collection_id,
        collections.products,
        {{ combination_id('array_remove(collections.attributes.attribute_id, collection_attributes.attribute_id)') }}
            as broader_id
    from collections
    inner join collection_attributes on collections.collection_id = collection_attributes.collection_id

),

-- The broader collection, one attribute less, that this one nearly fills.
near_duplicates as (

    select
        broader_ids.collection_id,
        max_by(
            broader_ids.broader_id,
            struct(broader_ids.products / broader.products as overlap, broader_ids.broader_id)
        ) as broader_id
    from broader_ids
    inner join collections as broader on broader_ids.broader_id = broader.collection_id
    where broader_ids.products / broader.products >= {{ var('near_duplicate_overlap') }}
    group by broader_ids.collection_id

),

-- A broader page may itself be a near-duplicate: with four attributes at most, two steps reach the last.
canonical as (

    select
        near_duplicates.collection_id,
        coalesce(last_step.broader_id, next_step.broader_id, near_duplicates.broader_id) as canonical_id
    from near_duplicates
    left join near_duplicates as next_step on near_duplicates.broader_id = next_step.collection_id
    left join near_duplicates as last_step on next_step.broader_id = last_step.collection_id

),

listed as (

    select
        collection_products.collection_id,
        array_sort(collect_list(struct(
            collection_products.rank,
            products.product_id,
            products.title,
            products.url,
            products.image_uri,
            products.price,
            products.currency,
            products.in_stock
        ))) as listed_products
    from collection_products
    inner join products on collection_products.product_id = products.product_id
    where collection_products.rank <= {{ var('page_items', 24) }}
    group by collection_products.collection_id

),

pages as (

    select
        collections.collection_id,
        collections.slug,
        collections.title,
        collections.description,
        collections.products,
        canonical.canonical_id is null as indexable,
        coalesce(canonical_collections.slug, collections.slug) as canonical_slug,
        concat(rtrim('/', {{ setting('PINLANDING_SITE_URL') }}), '/', collections.slug) as address,
        listed.listed_products
    from collections
    inner join listed on collections.collection_id = listed.collection_id
    left join canonical on collections.collection_id = canonical.collection_id
    left join collections as canonical_collections on canonical.canonical_id = canonical_collections.collection_id

),

final as (

    select
        slug,
        collection_id,
        'published' as status,
        title,
        description,
        products,
        indexable,
        canonical_slug,
        concat(rtrim('/', {{ setting('PINLANDING_SITE_URL') }}), '/', canonical_slug) as canonical_url,
        current_timestamp() as last_modified,
        listed_products,
        {{ collection_page_json_ld('title', 'description', 'address', 'products', 'listed_products') }} as json_ld
    from pages

)

select * from final
