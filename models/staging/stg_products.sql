with

base_products as (

    select * from {{ ref('base_products') }}

),

final as (

    select
        row_hash,
        product_id,
        group_id,
        title,
        description,
        brand,
        price,
        currency,
        url,
        availability,
        in_stock,
        tags,
        split,
        image_uri,
        catalog_attributes,
        warning
    from base_products
    where rejection_reason is null

)

select * from final
