with

attribute_scores as (

    select * from {{ ref('attribute_scores') }}

),

attribute_thresholds as (

    select * from {{ ref('attribute_thresholds') }}

),

final as (

    select
        attribute_scores.product_id,
        attribute_scores.attribute_id,
        attribute_scores.facet,
        attribute_scores.similarity,
        attribute_thresholds.precision
        + (0.99 - least(attribute_thresholds.precision, 0.99))
        * least(
            coalesce(
                (attribute_scores.similarity - attribute_thresholds.threshold)
                / nullif(attribute_thresholds.highest_similarity - attribute_thresholds.threshold, 0),
                0
            ),
            1
        ) as score
    from attribute_scores
    inner join attribute_thresholds on attribute_scores.attribute_id = attribute_thresholds.attribute_id
    where
        attribute_thresholds.usable
        and attribute_scores.candidate
        and attribute_scores.similarity >= attribute_thresholds.threshold

)

select * from final
