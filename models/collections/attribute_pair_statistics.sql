with

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

searchable as (

    select
        product_attributes.product_id,
        product_attributes.attribute_id,
        product_attributes.facet
    from product_attributes
    inner join attribute_statistics on product_attributes.attribute_id = attribute_statistics.attribute_id

),

final as (

    select
        one.attribute_id,
        other.attribute_id as other_attribute_id,
        count(*) as products
    from searchable as one
    inner join searchable as other
        on
            one.product_id = other.product_id
            and one.attribute_id < other.attribute_id
            and one.facet <> other.facet
    group by one.attribute_id, other.attribute_id

)

select * from final
