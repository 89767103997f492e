with

evaluated_products as (

    select * from {{ ref('evaluated_products') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

training_pairs as (

    select * from {{ ref('training_pairs') }}

),

encoder_pairs as (

    select * from {{ ref('encoder_pairs') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

learned_labels as (

    select * from {{ ref('learned_labels') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

judgeable_values as (

    select * from {{ ref('judgeable_values') }}

),

label_combinations as (

    select * from {{ ref('label_combinations') }}

),

sources as (

    select explode(array('all', 'extracted', 'encoder')) as source

),

-- What the image alone says, also where the text has named another value: product_attributes holds no such pair.
seen as (

    select
        product_id,
        attribute_id
    from encoder_pairs
    where applicable

),

seen_and_implied as (

    select
        product_id,
        attribute_id
    from seen
    union all
    select
        seen.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id
    from seen
    inner join attribute_ancestors on seen.attribute_id = attribute_ancestors.attribute_id

),

assigned as (

    select
        'all' as source,
        product_id,
        facet,
        value
    from product_attributes
    union all
    select
        'extracted' as source,
        product_id,
        facet,
        value
    from training_pairs
    union all
    select
        'encoder' as source,
        seen_and_implied.product_id,
        attributes.facet,
        attributes.value
    from seen_and_implied
    inner join attributes on seen_and_implied.attribute_id = attributes.attribute_id

),

grouped_products as (

    select
        evaluated_products.product_id,
        evaluated_products.split,
        label_combinations.combination
    from evaluated_products
    left join label_combinations on evaluated_products.product_id = label_combinations.product_id

),

-- "polo t-shirt" and "t-shirt" are one pair where labels know "t-shirt" only.
judgeable as (

    select distinct
        grouped_products.split,
        grouped_products.combination,
        assigned.source,
        assigned.product_id,
        assigned.facet,
        judgeable_values.judged_value as value
    from assigned
    inner join grouped_products on assigned.product_id = grouped_products.product_id
    inner join judgeable_values
        on
            assigned.facet = judgeable_values.facet
            and assigned.value = judgeable_values.value

),

-- The join leaves out the facets in which a product has no label.
precision_counts as (

    select
        judgeable.split,
        judgeable.combination,
        judgeable.source,
        judgeable.facet,
        judgeable.value,
        count(*) as judged_pairs,
        count_if(array_contains(label_cells.label_values, judgeable.value)) as right_pairs
    from judgeable
    inner join label_cells
        on
            judgeable.product_id = label_cells.product_id
            and judgeable.facet = label_cells.facet
    group by judgeable.split, judgeable.combination, judgeable.source, judgeable.facet, judgeable.value

),

recall_counts as (

    select
        grouped_products.split,
        grouped_products.combination,
        sources.source,
        stg_labels.facet,
        stg_labels.value,
        count(*) as labels,
        count(judgeable.product_id) as found_labels
    from stg_labels
    inner join grouped_products on stg_labels.product_id = grouped_products.product_id
    -- They came in as pairs, and would be found by themselves.
    left anti join learned_labels on stg_labels.product_id = learned_labels.product_id
    cross join sources
    left join judgeable
        on
            sources.source = judgeable.source
            and stg_labels.product_id = judgeable.product_id
            and stg_labels.facet = judgeable.facet
            and stg_labels.value = judgeable.value
    group by grouped_products.split, grouped_products.combination, sources.source, stg_labels.facet, stg_labels.value

),

label_frequencies as (

    select
        facet,
        value,
        count(*) as label_products
    from stg_labels
    group by facet, value

),

both_counts as (

    select
        split,
        combination,
        source,
        facet,
        value,
        judged_pairs,
        right_pairs,
        0 as labels,
        0 as found_labels
    from precision_counts
    union all
    select
        split,
        combination,
        source,
        facet,
        value,
        0 as judged_pairs,
        0 as right_pairs,
        labels,
        found_labels
    from recall_counts

),

counts as (

    select
        split,
        combination,
        source,
        facet,
        value,
        sum(judged_pairs) as judged_pairs,
        sum(right_pairs) as right_pairs,
        sum(labels) as labels,
        sum(found_labels) as found_labels
    from both_counts
    group by split, combination, source, facet, value

),

final as (

    select
        counts.*,
        {{ frequency_band('coalesce(label_frequencies.label_products, 0)') }} as frequency_band
    from counts
    left join label_frequencies
        on
            counts.facet = label_frequencies.facet
            and counts.value = label_frequencies.value

)

select * from final
