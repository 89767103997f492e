with

evaluation_score_blocks as (

    select * from {{ ref('evaluation_score_blocks') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

-- score_attributes returns a product's candidates best first, all products with the same number of them.
unpacked as (

    select
        modality,
        split,
        candidates,
        posexplode(scores) as (position, scored)
    from evaluation_score_blocks

),

final as (

    select
        unpacked.modality,
        unpacked.split,
        unpacked.scored.product_id,
        stg_labels.facet,
        stg_labels.value,
        cast(pmod(unpacked.position, unpacked.candidates) + 1 as int) as rank
    from unpacked
    inner join stg_labels
        on
            unpacked.scored.product_id = stg_labels.product_id
            and unpacked.scored.attribute_id = concat(stg_labels.facet, ':', stg_labels.value)

)

select * from final
