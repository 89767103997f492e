with

products as (

    select * from {{ ref('products') }}

),

title_product_types as (

    select * from {{ ref('title_product_types') }}

),

-- Every guessed product type gives its share, rounded up, so that rare types are asked about at any rate.
ranked as (

    select
        products.product_id,
        coalesce(title_product_types.phrase, '') as stratum,
        row_number() over (
            partition by coalesce(title_product_types.phrase, '')
            order by xxhash64(products.product_id), products.product_id
        ) as place,
        count(*) over (partition by coalesce(title_product_types.phrase, '')) as stratum_products
    from products
    left join title_product_types on products.product_id = title_product_types.product_id

),

final as (

    select
        product_id,
        stratum
    from ranked
    where place <= ceil({{ var('extraction_rate') }} * stratum_products)

)

select * from final
