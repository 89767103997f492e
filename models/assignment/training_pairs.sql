with

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

products as (

    select * from {{ ref('products') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

implied as (

    select
        extracted_pairs.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id,
        extracted_pairs.confidence
    from extracted_pairs
    inner join attribute_ancestors on extracted_pairs.attribute_id = attribute_ancestors.attribute_id

),

pairs as (

    select
        product_id,
        attribute_id,
        confidence
    from extracted_pairs
    union all
    select
        product_id,
        attribute_id,
        confidence
    from implied

),

weighted as (

    select
        product_id,
        attribute_id,
        max(confidence) as weight
    from pairs
    group by product_id, attribute_id

),

final as (

    select
        weighted.product_id,
        weighted.attribute_id,
        attributes.facet,
        attributes.value,
        products.split,
        weighted.weight
    from weighted
    inner join products on weighted.product_id = products.product_id
    inner join attributes on weighted.attribute_id = attributes.attribute_id

)

select * from final
