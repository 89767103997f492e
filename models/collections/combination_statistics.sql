with

combinations_of_two as (

    select * from {{ ref('combinations_of_two') }}

),

combinations_of_three as (

    select * from {{ ref('combinations_of_three') }}

),

combinations_of_four as (

    select * from {{ ref('combinations_of_four') }}

),

products as (

    select * from {{ ref('products') }}

),

all_sizes as (

    select * from combinations_of_two
    union all
    select * from combinations_of_three
    union all
    select * from combinations_of_four

),

judged as (

    select
        all_sizes.combination_id,
        all_sizes.attribute_ids,
        all_sizes.product_id,
        {{ relevance('all_sizes.score', 'size(all_sizes.attribute_ids)') }}
        >= {{ var('relevance_threshold') }} as is_relevant,
        if(products.in_stock, products.item_id, null) as item_in_stock
    from all_sizes
    inner join products on all_sizes.product_id = products.product_id

),

final as (

    select
        combination_id,
        any_value(array_sort(attribute_ids)) as attribute_ids,
        any_value(attribute_ids[0]) as product_type_id,
        count(*) as carriers,
        count_if(is_relevant) as products,
        count(distinct if(is_relevant, item_in_stock, null)) as items,
        {{ set_fingerprint('product_id', 'is_relevant') }} as products_fingerprint
    from judged
    group by combination_id

)

select * from final
