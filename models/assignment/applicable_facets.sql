with

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

named_types as (

    select
        product_id,
        attribute_id as product_type_id
    from extracted_pairs
    where facet = 'product_type'

),

product_types as (

    select * from named_types
    union
    select
        named_types.product_id,
        attribute_ancestors.ancestor_attribute_id as product_type_id
    from named_types
    inner join attribute_ancestors on named_types.product_type_id = attribute_ancestors.attribute_id

),

type_sizes as (

    select
        product_type_id,
        count(*) as products
    from product_types
    group by product_type_id

),

named_facets as (

    select
        product_types.product_type_id,
        extracted_pairs.facet,
        count(distinct extracted_pairs.product_id) as products
    from product_types
    inner join extracted_pairs on product_types.product_id = extracted_pairs.product_id
    group by product_types.product_type_id, extracted_pairs.facet

),

final as (

    select
        named_facets.product_type_id,
        named_facets.facet,
        named_facets.products,
        named_facets.products / type_sizes.products as share
    from named_facets
    inner join type_sizes on named_facets.product_type_id = type_sizes.product_type_id
    where
        named_facets.facet != 'product_type'
        and named_facets.products >= {{ var('min_attribute_products') }}
        and named_facets.products >= {{ var('min_facet_share') }} * type_sizes.products

)

select * from final
