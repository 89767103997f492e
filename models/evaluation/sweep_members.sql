with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

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

    select
        combination_id,
        product_id,
        score
    from combinations_of_two
    union all
    select
        combination_id,
        product_id,
        score
    from combinations_of_three
    union all
    select
        combination_id,
        product_id,
        score
    from combinations_of_four

),

good as (

    select
        attribute_combinations.combination_id,
        size(attribute_combinations.attribute_ids) as attribute_count
    from attribute_combinations
    inner join titled_combinations on attribute_combinations.combination_id = titled_combinations.combination_id
    where
        titled_combinations.titled.valid
        and titled_combinations.titled.quality >= {{ var('min_quality') }}

),

relevances as (

    select
        all_sizes.combination_id,
        all_sizes.product_id,
        {{ relevance('all_sizes.score', 'good.attribute_count') }} as relevance
    from all_sizes
    inner join good on all_sizes.combination_id = good.combination_id

),

final as (

    select
        combination_id,
        product_id,
        relevance,
        cast(row_number() over (partition by combination_id order by relevance desc, product_id asc) as int) as rank
    from relevances

)

select * from final
