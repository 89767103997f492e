with

products as (

    select * from {{ ref('products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

facets as (

    select * from {{ ref('facets') }}

),

catalog_size as (

    select count(*) as catalog_products
    from products

),

counted as (

    select
        attribute_id,
        facet,
        value,
        count(*) as products
    from product_attributes
    group by attribute_id, facet, value

),

final as (

    select
        counted.*,
        catalog_size.catalog_products,
        cast(coalesce(facets.title_position, 25) as int) as title_position,
        counted.facet = 'product_type' as is_product_type
    from counted
    cross join catalog_size
    left join facets on counted.facet = facets.facet
    where coalesce(facets.searchable, true)

)

select * from final
