with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

good as (

    select
        attribute_combinations.*,
        titled_combinations.titled.title,
        titled_combinations.titled.description,
        titled_combinations.titled.quality as quality_score,
        titled_combinations.titled.quality_source,
        {{ page_slug('titled_combinations.titled.title') }} as slug
    from attribute_combinations
    inner join titled_combinations on attribute_combinations.combination_id = titled_combinations.combination_id
    where
        titled_combinations.titled.valid
        and titled_combinations.titled.quality >= {{ var('min_quality') }}

),

-- Combinations that hold the same products are one page, and so are those that would share an address.
same_products as (

    select
        good.*,
        count(*) over (partition by good.products_fingerprint) as merged,
        row_number() over (
            partition by good.products_fingerprint
            order by good.quality_score desc, size(good.attribute_ids) asc, good.combination_id asc
        ) as place
    from good

),

same_address as (

    select
        same_products.*,
        sum(same_products.merged) over (partition by same_products.slug) as merged_combinations,
        row_number() over (
            partition by same_products.slug
            order by same_products.quality_score desc, same_products.products desc, same_products.combination_id asc
        ) as place_at_address
    from same_products
    where same_products.place = 1

),

final as (

    select
        combination_id as collection_id,
        slug,
        title,
        description,
        attributes,
        product_type_id,
        quality_score,
        quality_source,
        products,
        merged_combinations
    from same_address
    where place_at_address = 1

)

select * from final
