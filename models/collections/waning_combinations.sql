{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

waning as (

    select standing_pages.*
    from standing_pages
    left anti join attribute_combinations on standing_pages.current_id = attribute_combinations.combination_id
    where
        standing_pages.is_heir
        and standing_pages.status in ('published', 'hidden')
        and size(standing_pages.attribute_ids)
        between {{ var('min_combination_size') }} and {{ var('max_combination_size') }}

),

attribute_rows as (

    select
        current_id,
        size(attribute_ids) as attribute_count,
        explode(attribute_ids) as attribute_id
    from waning

),

{{ overlap_join('waning', 'current_id', 'product_attributes', 0) }},

members as (

    select
        current_id,
        product_id,
        relevance >= {{ var('relevance_threshold') }} as is_relevant
    from overlap_products

),

counted as (

    select
        members.current_id,
        count(*) as carriers,
        count_if(members.is_relevant) as products,
        count(distinct if(members.is_relevant and products.in_stock, products.item_id, null)) as items,
        {{ set_fingerprint('members.product_id', 'members.is_relevant') }} as products_fingerprint
    from members
    inner join products on members.product_id = products.product_id
    group by members.current_id
    having items >= {{ var('retire_size') }}

),

named as (

    select
        attribute_rows.current_id,
        array_sort(collect_list(struct(
            attribute_statistics.attribute_id, attribute_statistics.facet, attribute_statistics.value
        ))) as attributes,
        max(if(attribute_statistics.is_product_type, attribute_statistics.attribute_id, null)) as product_type_id
    from attribute_rows
    inner join attribute_statistics on attribute_rows.attribute_id = attribute_statistics.attribute_id
    group by attribute_rows.current_id
    having
        count(*) = max(attribute_rows.attribute_count)
        and count(distinct attribute_statistics.facet) = count(*)
        and count_if(attribute_statistics.is_product_type) = 1

),

final as (

    select
        waning.current_id as combination_id,
        named.attributes,
        waning.attribute_ids,
        named.product_type_id,
        counted.carriers,
        counted.products,
        counted.items,
        counted.products_fingerprint,
        waning.title,
        waning.description,
        waning.quality_score,
        waning.quality_source
    from waning
    inner join counted on waning.current_id = counted.current_id
    inner join named on waning.current_id = named.current_id
    where waning.quality_score >= {{ var('min_quality') }}

)

select * from final
