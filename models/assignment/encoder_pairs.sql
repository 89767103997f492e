with

attribute_scores as (

    select * from {{ ref('attribute_scores') }}

),

attribute_thresholds as (

    select * from {{ ref('attribute_thresholds') }}

),

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

applicable_facets as (

    select * from {{ ref('applicable_facets') }}

),

passed as (

    select
        attribute_scores.product_id,
        attribute_scores.attribute_id,
        attribute_scores.facet,
        attribute_scores.similarity,
        attribute_thresholds.precision_low
        + (attribute_thresholds.precision - attribute_thresholds.precision_low)
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

),

named_types as (

    select
        product_id,
        attribute_id
    from extracted_pairs
    where facet = 'product_type'

),

-- The type that the text names, else the one that the encoder sees.
types as (

    select * from named_types
    union all
    select
        passed.product_id,
        passed.attribute_id
    from passed
    left anti join named_types on passed.product_id = named_types.product_id
    where passed.facet = 'product_type'

),

-- A product without a type keeps one null here: it takes the facets that fit any type.
types_and_broader as (

    select * from types
    union
    select distinct
        passed.product_id,
        cast(null as string) as attribute_id
    from passed
    left anti join types on passed.product_id = types.product_id
    union
    select
        types.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id
    from types
    inner join attribute_ancestors on types.attribute_id = attribute_ancestors.attribute_id

),

applicable as (

    select distinct
        types_and_broader.product_id,
        applicable_facets.facet
    from types_and_broader
    inner join applicable_facets on types_and_broader.attribute_id <=> applicable_facets.product_type_id

),

final as (

    select
        passed.product_id,
        passed.attribute_id,
        passed.facet,
        passed.similarity,
        passed.score,
        passed.facet = 'product_type' or applicable.facet is not null as applicable
    from passed
    left join applicable
        on
            passed.product_id = applicable.product_id
            and passed.facet = applicable.facet

)

select * from final
