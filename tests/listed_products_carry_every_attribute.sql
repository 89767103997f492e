-- Product and attribute of a collection that the product does not carry.
with

collection_products as (

    select * from {{ ref('collection_products') }}

),

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

required as (

    select
        collection_products.collection_id,
        collection_products.product_id,
        collection_attributes.attribute_id
    from collection_products
    inner join collection_attributes on collection_products.collection_id = collection_attributes.collection_id

),

final as (

    select required.*
    from required
    left anti join product_attributes
        on
            required.product_id = product_attributes.product_id
            and required.attribute_id = product_attributes.attribute_id

)

select * from final
