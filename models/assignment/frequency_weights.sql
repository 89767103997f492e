{#- Our setting: the weights that are tried. -#}
{%- set weights = [-0.05, -0.02, -0.01, 0.0, 0.01, 0.02, 0.05] -%}
with

validation_score_blocks as (

    select * from {{ ref('validation_score_blocks') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

facets as (

    select * from {{ ref('facets') }}

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

unpacked as (

    select inline(scores)
    from validation_score_blocks

),

-- In a facet that may hold several values a weight moves an attribute's scores and its threshold alike.
scored as (

    select
        unpacked.product_id,
        unpacked.attribute_id,
        attributes.facet,
        attributes.product_share,
        cast(unpacked.similarity as double) as similarity
    from unpacked
    inner join attributes on unpacked.attribute_id = attributes.attribute_id
    inner join facets on attributes.facet = facets.facet
    where facets.single_valued

),

true_pairs as (

    select
        product_id,
        attribute_id
    from extracted_pairs
    union distinct
    select
        extracted_pairs.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id
    from extracted_pairs
    inner join attribute_ancestors on extracted_pairs.attribute_id = attribute_ancestors.attribute_id

),

judged as (

    select
        scored.*,
        true_pairs.product_id is not null as correct
    from scored
    left semi join named_cells
        on
            scored.product_id = named_cells.product_id
            and scored.facet = named_cells.facet
    left join true_pairs
        on
            scored.product_id = true_pairs.product_id
            and scored.attribute_id = true_pairs.attribute_id

),

weighted as (

    select
        *,
        explode(array({{ weights | join(', ') }})) as frequency_weight
    from judged

),

named as (

    select
        frequency_weight,
        max_by(
            correct,
            struct(similarity - frequency_weight * ln(product_share) as corrected, attribute_id)
        ) as correct
    from weighted
    group by frequency_weight, product_id, facet

),

swept as (

    select
        cast(frequency_weight as double) as frequency_weight,
        count(*) as cells,
        count_if(correct) / count(*) as accuracy
    from named
    group by frequency_weight

),

compared as (

    select
        *,
        {{ wilson_interval('accuracy', 'cells', '-') }} as accuracy_low,
        max(if(frequency_weight = 0, accuracy, null)) over () as plain_accuracy
    from swept

),

-- A weight has to be surely better than none.
best as (

    select
        max_by(
            struct(frequency_weight, accuracy, plain_accuracy, cells),
            struct(accuracy, -abs(frequency_weight))
        ) as chosen
    from compared
    where frequency_weight = 0 or accuracy_low > plain_accuracy

),

final as (

    select
        {% if var('frequency_weight') is none -%}
            coalesce(chosen.frequency_weight, 0.0d) as frequency_weight,
        {%- else -%}
            cast({{ var('frequency_weight') }} as double) as frequency_weight,
        {%- endif %}
        chosen.frequency_weight as fitted_weight,
        chosen.accuracy,
        chosen.plain_accuracy,
        coalesce(chosen.cells, 0) as cells
    from best

)

select * from final
