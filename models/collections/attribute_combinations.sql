with

combination_statistics as (

    select * from {{ ref('combination_statistics') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

large_enough as (

    select *
    from combination_statistics
    where
        items >= {{ var('min_collection_size') }}
        and size(attribute_ids) between {{ var('min_combination_size') }} and {{ var('max_combination_size') }}

),

attribute_rows as (

    select
        combination_id,
        explode(attribute_ids) as attribute_id
    from large_enough

),

named as (

    select
        attribute_rows.combination_id,
        array_sort(collect_list(struct(
            attribute_statistics.attribute_id, attribute_statistics.facet, attribute_statistics.value
        ))) as attributes
    from attribute_rows
    inner join attribute_statistics on attribute_rows.attribute_id = attribute_statistics.attribute_id
    group by attribute_rows.combination_id

),

final as (

    select
        large_enough.combination_id,
        named.attributes,
        large_enough.attribute_ids,
        large_enough.product_type_id,
        large_enough.carriers,
        large_enough.products,
        large_enough.items,
        large_enough.products_fingerprint
    from large_enough
    inner join named on large_enough.combination_id = named.combination_id

)

select * from final
