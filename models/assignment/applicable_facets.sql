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

facets_of_types as (

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

),

typed_products as (

    select distinct product_id
    from named_types

),

typed_product_count as (

    select count(*) as products
    from typed_products

),

facets_of_any_type as (

    select
        cast(null as string) as product_type_id,
        extracted_pairs.facet,
        count(distinct extracted_pairs.product_id) as products,
        count(distinct extracted_pairs.product_id) / any_value(typed_product_count.products) as share
    from extracted_pairs
    left semi join typed_products on extracted_pairs.product_id = typed_products.product_id
    cross join typed_product_count
    where extracted_pairs.facet != 'product_type'
    group by extracted_pairs.facet

),

final as (

    select * from facets_of_types
    union all
    select *
    from facets_of_any_type
    where
        products >= {{ var('min_attribute_products') }}
        and share >= 0.5

)

select * from final
