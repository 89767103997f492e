with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

merge_candidates as (

    select * from {{ ref('merge_candidates') }}

),

products as (

    select * from {{ ref('products') }}

),

facets as (

    select * from {{ ref('facets') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

value_implications as (

    select * from {{ ref('value_implications') }}

),

catalogue as (

    select count(*) as products from products

),

-- Unsafe and unsearchable values are no matter of settings; the others are read as if nobody had cut by frequency.
searchable as (

    select
        facet,
        value,
        coalesce(merged_into, value) as merged_value
    from vocabulary_decisions
    where state not in ('unsafe', 'unsearchable')

),

nearest as (

    select
        facet,
        value,
        max_by(candidate, struct(similarity, candidate)) as candidate,
        max(similarity) as similarity
    from merge_candidates
    where similarity is not null
    group by facet, value

),

similarities as (

    select explode(cast(array({{ var('sensitivity_similarities') | join(', ') }}) as array<double>)) as min_similarity

),

-- Each way to merge: not at all, as the rules do, and as if nearness alone decided, from each similarity on.
merging as (

    select
        'none' as merging,
        cast(null as double) as min_similarity,
        facet,
        value,
        value as merged_value
    from searchable
    union all
    select
        'rules' as merging,
        cast(null as double) as min_similarity,
        facet,
        value,
        merged_value
    from searchable
    union all
    select
        'nearness too' as merging,
        similarities.min_similarity,
        searchable.facet,
        searchable.value,
        coalesce(nearest.candidate, searchable.merged_value) as merged_value
    from searchable
    cross join similarities
    left join nearest
        on
            searchable.facet = nearest.facet
            and searchable.merged_value = nearest.value
            and similarities.min_similarity <= nearest.similarity

),

carried as (

    select distinct
        merging.merging,
        merging.min_similarity,
        extracted_attributes.product_id,
        merging.facet,
        merging.merged_value as value
    from extracted_attributes
    inner join merging
        on extracted_attributes.facet = merging.facet and extracted_attributes.value = merging.value

),

known as (

    select distinct
        facet,
        explode(label_values) as value
    from label_cells

),

-- A value that labels do not know is judged by the nearest wider one that they know, or not at all.
readings as (

    select
        facet,
        value,
        value as judged_value,
        0 as generation
    from known
    union all
    select
        facet,
        value,
        implied_value as judged_value,
        generation
    from value_implications

),

judgeable as (

    select
        readings.facet,
        readings.value,
        min(struct(readings.generation, readings.judged_value)).judged_value as judged_value
    from readings
    inner join known on readings.facet = known.facet and readings.judged_value = known.value
    group by readings.facet, readings.value

),

judged as (

    select
        carried.*,
        label_cells.product_id is not null and judgeable.judged_value is not null as is_judged,
        array_contains(label_cells.label_values, judgeable.judged_value) as is_right
    from carried
    left join judgeable on carried.facet = judgeable.facet and carried.value = judgeable.value
    left join label_cells on carried.product_id = label_cells.product_id and carried.facet = label_cells.facet

),

sizes as (

    select
        merging,
        min_similarity,
        facet,
        value,
        count(*) as products,
        count_if(is_judged) as judged_pairs,
        count_if(is_judged and is_right) as right_pairs
    from judged
    group by merging, min_similarity, facet, value

),

shares as (

    select
        explode(cast(array({{ var('sensitivity_max_shares') | join(', ') }}) as array<double>)) as max_attribute_share

),

minimums as (

    select explode(array({{ var('sensitivity_min_products') | join(', ') }})) as min_attribute_products

),

allowed as (

    select
        sizes.*,
        shares.max_attribute_share
    from sizes
    inner join facets on sizes.facet = facets.facet and facets.searchable
    cross join catalogue
    cross join shares
    where sizes.facet = 'product_type' or sizes.products <= shares.max_attribute_share * catalogue.products

),

vocabularies as (

    select
        allowed.merging,
        allowed.min_similarity,
        allowed.max_attribute_share,
        minimums.min_attribute_products,
        count(*) as vocabulary_size,
        sum(allowed.products) as pairs,
        sum(allowed.judged_pairs) as judged_pairs,
        sum(allowed.right_pairs) as right_pairs
    from allowed
    inner join minimums on allowed.products >= minimums.min_attribute_products
    group by
        allowed.merging, allowed.min_similarity, allowed.max_attribute_share, minimums.min_attribute_products

),

-- A product is reached when its most frequent value is kept.
most_frequent as (

    select
        allowed.merging,
        allowed.min_similarity,
        allowed.max_attribute_share,
        carried.product_id,
        max(allowed.products) as products
    from carried
    inner join allowed
        on
            carried.merging = allowed.merging
            and carried.min_similarity <=> allowed.min_similarity
            and carried.facet = allowed.facet
            and carried.value = allowed.value
    group by allowed.merging, allowed.min_similarity, allowed.max_attribute_share, carried.product_id

),

reached as (

    select
        most_frequent.merging,
        most_frequent.min_similarity,
        most_frequent.max_attribute_share,
        minimums.min_attribute_products,
        count(*) as products_reached
    from most_frequent
    inner join minimums on most_frequent.products >= minimums.min_attribute_products
    group by
        most_frequent.merging,
        most_frequent.min_similarity,
        most_frequent.max_attribute_share,
        minimums.min_attribute_products

),

final as (

    select
        vocabularies.merging,
        vocabularies.min_similarity,
        vocabularies.min_attribute_products,
        vocabularies.max_attribute_share,
        vocabularies.vocabulary_size,
        vocabularies.pairs,
        reached.products_reached,
        cast(reached.products_reached / catalogue.products as double) as product_share,
        vocabularies.judged_pairs,
        cast(vocabularies.right_pairs / vocabularies.judged_pairs as double) as precision,
        vocabularies.merging = 'rules'
        and vocabularies.min_attribute_products = {{ var('min_attribute_products') }}
        and vocabularies.max_attribute_share = {{ var('max_attribute_share') }} as operating_point
    from vocabularies
    inner join reached
        on
            vocabularies.merging = reached.merging
            and vocabularies.min_similarity <=> reached.min_similarity
            and vocabularies.max_attribute_share = reached.max_attribute_share
            and vocabularies.min_attribute_products = reached.min_attribute_products
    cross join catalogue

)

select * from final
