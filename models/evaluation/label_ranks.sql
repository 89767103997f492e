with

evaluation_score_blocks as (

    select * from {{ ref('evaluation_score_blocks') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

labels as (

    select
        product_id,
        facet,
        value,
        cast(count(*) over (partition by facet, value) as int) as label_products
    from stg_labels

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

ranked as (

    select
        unpacked.modality,
        unpacked.split,
        unpacked.scored.product_id,
        labels.facet,
        labels.value,
        labels.label_products,
        cast(pmod(unpacked.position, unpacked.candidates) + 1 as int) as rank
    from unpacked
    inner join labels
        on
            unpacked.scored.product_id = labels.product_id
            and unpacked.scored.attribute_id = concat(labels.facet, ':', labels.value)

),

final as (

    select
        *,
        row_number() over (partition by modality, product_id order by rank asc) / rank as precision_at_rank
    from ranked

)

select * from final
