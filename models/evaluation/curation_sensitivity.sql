with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

curation_mergings as (

    select * from {{ ref('curation_mergings') }}

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

mergings as (

    select distinct
        merging,
        min_similarity,
        merging_bit
    from curation_mergings

),

-- Most ways to merge agree on most values: one bit a way, and a pair is read once, not once a way.
merged_values as (

    select
        facet,
        value,
        merged_value,
        bit_or(shiftleft(1L, merging_bit)) as mergings_mask
    from curation_mergings
    group by facet, value, merged_value

),

carried as (

    select
        extracted_attributes.product_id,
        merged_values.facet,
        merged_values.merged_value as value,
        bit_or(merged_values.mergings_mask) as mergings_mask
    from extracted_attributes
    inner join merged_values
        on extracted_attributes.facet = merged_values.facet and extracted_attributes.value = merged_values.value
    group by extracted_attributes.product_id, merged_values.facet, merged_values.merged_value

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

judged_sizes as (

    select
        facet,
        value,
        mergings_mask,
        count(*) as products,
        count_if(is_judged) as judged_pairs,
        count_if(is_judged and is_right) as right_pairs
    from judged
    group by facet, value, mergings_mask

),

sizes as (

    select
        mergings.merging_bit,
        judged_sizes.facet,
        judged_sizes.value,
        sum(judged_sizes.products) as products,
        sum(judged_sizes.judged_pairs) as judged_pairs,
        sum(judged_sizes.right_pairs) as right_pairs
    from judged_sizes
    inner join mergings on judged_sizes.mergings_mask & shiftleft(1L, mergings.merging_bit) != 0
    inner join facets on judged_sizes.facet = facets.facet and facets.searchable
    group by mergings.merging_bit, judged_sizes.facet, judged_sizes.value

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
    cross join catalogue
    cross join shares
    where sizes.facet = 'product_type' or sizes.products <= shares.max_attribute_share * catalogue.products

),

vocabularies as (

    select
        allowed.merging_bit,
        allowed.max_attribute_share,
        minimums.min_attribute_products,
        count(*) as vocabulary_size,
        sum(allowed.products) as pairs,
        sum(allowed.judged_pairs) as judged_pairs,
        sum(allowed.right_pairs) as right_pairs
    from allowed
    inner join minimums on allowed.products >= minimums.min_attribute_products
    group by allowed.merging_bit, allowed.max_attribute_share, minimums.min_attribute_products

),

-- A product is reached when its most frequent value is kept.
most_frequent as (

    select
        sizes.merging_bit,
        carried.product_id,
        inline(arrays_zip(
            array({{ var('sensitivity_max_shares') | join(', ') }}),
            array(
                {% for share in var('sensitivity_max_shares') -%}
                    max(if(
                        sizes.facet = 'product_type' or sizes.products <= {{ share }}d * catalogue.products,
                        sizes.products,
                        null
                    )){{ ', ' if not loop.last }}
                {% endfor -%}
            )
        )) as (max_attribute_share, products)
    from carried
    inner join sizes
        on
            carried.facet = sizes.facet
            and carried.value = sizes.value
            and carried.mergings_mask & shiftleft(1L, sizes.merging_bit) != 0
    cross join catalogue
    group by sizes.merging_bit, carried.product_id

),

reached_at as (

    select
        merging_bit,
        cast(max_attribute_share as double) as max_attribute_share,
        products,
        count(*) as products_reached
    from most_frequent
    where products is not null
    group by merging_bit, max_attribute_share, products

),

reached as (

    select
        reached_at.merging_bit,
        reached_at.max_attribute_share,
        minimums.min_attribute_products,
        sum(reached_at.products_reached) as products_reached
    from reached_at
    inner join minimums on reached_at.products >= minimums.min_attribute_products
    group by reached_at.merging_bit, reached_at.max_attribute_share, minimums.min_attribute_products

),

final as (

    select
        mergings.merging,
        mergings.min_similarity,
        vocabularies.min_attribute_products,
        vocabularies.max_attribute_share,
        vocabularies.vocabulary_size,
        vocabularies.pairs,
        reached.products_reached,
        cast(reached.products_reached / catalogue.products as double) as product_share,
        vocabularies.judged_pairs,
        cast(vocabularies.right_pairs / vocabularies.judged_pairs as double) as precision,
        mergings.merging = 'rules'
        and vocabularies.min_attribute_products = {{ var('min_attribute_products') }}
        and vocabularies.max_attribute_share = {{ var('max_attribute_share') }} as operating_point
    from vocabularies
    inner join mergings on vocabularies.merging_bit = mergings.merging_bit
    inner join reached
        on
            vocabularies.merging_bit = reached.merging_bit
            and vocabularies.max_attribute_share = reached.max_attribute_share
            and vocabularies.min_attribute_products = reached.min_attribute_products
    cross join catalogue

)

select * from final
