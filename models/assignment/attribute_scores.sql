with

scored_products as (

    select * from {{ ref('scored_products') }}

),

embedded_attributes as (

    select * from {{ ref('embedded_attributes') }}

),

facets as (

    select * from {{ ref('facets') }}

),

unpacked as (

    select
        product_id,
        inline(scores) as (attribute_number, similarity)
    from scored_products

),

ranked as (

    select
        unpacked.product_id,
        embedded_attributes.attribute_id,
        embedded_attributes.facet,
        cast(unpacked.similarity as double) as similarity,
        facets.single_valued,
        row_number() over (
            partition by unpacked.product_id, embedded_attributes.facet
            order by unpacked.similarity desc, unpacked.attribute_number asc
        ) as rank_in_facet
    from unpacked
    inner join embedded_attributes on unpacked.attribute_number = embedded_attributes.attribute_number
    left join facets on embedded_attributes.facet = facets.facet

),

final as (

    select
        product_id,
        attribute_id,
        facet,
        similarity,
        rank_in_facet = 1 or not coalesce(single_valued, false) as candidate
    from ranked

)

select * from final
