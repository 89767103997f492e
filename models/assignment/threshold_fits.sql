with

attributes as (

    select * from {{ ref('attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

named_cells as (

    select * from {{ ref('named_cells') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

attribute_scores as (

    select * from {{ ref('attribute_scores') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

-- An encoder trained elsewhere has seen none of these products: those of the train split can judge it as well.
scored_products as (

    select distinct attribute_scores.product_id
    from attribute_scores
    inner join products on attribute_scores.product_id = products.product_id
    cross join encoder_in_use
    where
        products.split = 'validation'
        or (products.split = 'train' and not encoder_in_use.trained_here)

),

validation_pairs as (

    select
        extracted_pairs.product_id,
        extracted_pairs.attribute_id,
        extracted_pairs.facet
    from extracted_pairs
    inner join scored_products on extracted_pairs.product_id = scored_products.product_id

),

implied_pairs as (

    select
        validation_pairs.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id
    from validation_pairs
    inner join attribute_ancestors on validation_pairs.attribute_id = attribute_ancestors.attribute_id

),

true_pairs as (

    select
        product_id,
        attribute_id
    from validation_pairs
    union distinct
    select
        product_id,
        attribute_id
    from implied_pairs

),

judged_cells as (

    select named_cells.*
    from named_cells
    left semi join scored_products on named_cells.product_id = scored_products.product_id

),

facet_cells as (

    select
        facet,
        count(*) as cells
    from judged_cells
    group by facet

),

positives as (

    select
        attribute_id,
        count(*) as positives
    from true_pairs
    group by attribute_id

),

judged as (

    select
        attribute_scores.attribute_id,
        attribute_scores.similarity,
        true_pairs.product_id is not null as correct
    from attribute_scores
    inner join judged_cells
        on
            attribute_scores.product_id = judged_cells.product_id
            and attribute_scores.facet = judged_cells.facet
    left join true_pairs
        on
            attribute_scores.product_id = true_pairs.product_id
            and attribute_scores.attribute_id = true_pairs.attribute_id
    where attribute_scores.candidate

),

-- The default frame holds equal similarities together, so a threshold never cuts between them.
curve as (

    select
        attribute_id,
        similarity,
        count_if(correct) over (partition by attribute_id order by similarity desc) as hits,
        count(*) over (partition by attribute_id order by similarity desc) as assigned
    from judged

),

base_rates as (

    select
        attributes.attribute_id,
        positives.positives / facet_cells.cells as base_rate
    from attributes
    inner join positives on attributes.attribute_id = positives.attribute_id
    inner join facet_cells on attributes.facet = facet_cells.facet

),

precise as (

    select
        curve.attribute_id,
        curve.similarity,
        curve.hits,
        curve.assigned,
        base_rates.base_rate,
        {{ wilson_interval('curve.hits / cast(curve.assigned as double)', 'curve.assigned', '-') }} as precision_low
    from curve
    inner join base_rates on curve.attribute_id = base_rates.attribute_id
    where
        curve.hits >= {{ var('min_calibration_positives') }}
        and curve.hits >= {{ var('target_precision') }} * curve.assigned

),

-- Where nearly every cell holds the value, naming it always is precise as well: the encoder has to be surely better.
informed as (

    select
        attribute_id,
        min_by(struct(similarity, hits, assigned, precision_low), similarity) as cut
    from precise
    where precision_low > base_rate
    group by attribute_id

),

best as (

    select
        attribute_id,
        count(*) as judged,
        max(similarity) as highest_similarity
    from curve
    group by attribute_id

),

combined as (

    select
        attributes.attribute_id,
        informed.cut.similarity as threshold,
        best.highest_similarity,
        informed.cut.precision_low,
        informed.cut.hits / informed.cut.assigned as precision,
        informed.cut.hits / positives.positives as recall,
        coalesce(positives.positives, 0) as positives,
        coalesce(best.judged, 0) as judged
    from attributes
    left join positives on attributes.attribute_id = positives.attribute_id
    left join best on attributes.attribute_id = best.attribute_id
    left join informed on attributes.attribute_id = informed.attribute_id

),

final as (

    select
        *,
        threshold is not null as usable,
        case
            when threshold is not null then null
            when positives < {{ var('min_calibration_positives') }}
                then concat(positives, ' validation products carry it: needs {{ var("min_calibration_positives") }}')
            else 'no threshold is at {{ var("target_precision") }} precision and surely better than always naming it'
        end as reason
    from combined

)

select * from final
