with

base_products as (

    select * from {{ ref('base_products') }}

),

final as (

    select
        row_hash,
        product_id,
        title,
        rejection_reason
    from base_products
    where rejection_reason is not null

)

select * from final
