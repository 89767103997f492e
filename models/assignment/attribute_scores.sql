with

attribute_score_blocks as (

    select * from {{ ref('attribute_score_blocks') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

facets as (

    select * from {{ ref('facets') }}

),

unpacked as (

    select
        product_id,
        inline(scores) as (attribute_id, similarity)
    from attribute_score_blocks

),

ranked as (

    select
        unpacked.product_id,
        unpacked.attribute_id,
        attributes.facet,
        cast(unpacked.similarity as double) as similarity,
        facets.single_valued,
        row_number() over (
            partition by unpacked.product_id, attributes.facet
            order by unpacked.similarity desc, unpacked.attribute_id asc
        ) as rank_in_facet
    from unpacked
    inner join attributes on unpacked.attribute_id = attributes.attribute_id
    left join facets on attributes.facet = facets.facet

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
