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

all_sizes as (

    select * from combinations_of_two
    union all
    select * from combinations_of_three
    union all
    select * from combinations_of_four

),

judged as (

    select
        combination_id,
        attribute_ids,
        product_id,
        {{ relevance('score', 'size(attribute_ids)') }} >= {{ var('relevance_threshold') }} as is_relevant
    from all_sizes

),

final as (

    select
        combination_id,
        any_value(array_sort(attribute_ids)) as attribute_ids,
        any_value(attribute_ids[0]) as product_type_id,
        count(*) as carriers,
        count_if(is_relevant) as products,
        {{ set_fingerprint('product_id', 'is_relevant') }} as products_fingerprint
    from judged
    group by combination_id

)

select * from final
