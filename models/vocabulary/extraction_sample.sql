with

products as (

    select * from {{ ref('products') }}

),

title_product_types as (

    select * from {{ ref('title_product_types') }}

),

ranked as (

    {{ extraction_places() }}

),

final as (

    select
        product_id,
        stratum
    from ranked
    where place <= ceil({{ var('extraction_rate') }} * stratum_products)

)

select * from final
