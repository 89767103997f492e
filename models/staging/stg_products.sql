with

base_products as (

    select * from {{ ref('base_products') }}

),

final as (

    select * except (rejection_reason)
    from base_products
    where rejection_reason is null

)

select * from final
