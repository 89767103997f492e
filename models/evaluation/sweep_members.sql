{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

good as (

    select
        attribute_combinations.combination_id,
        attribute_combinations.attribute_ids
    from attribute_combinations
    inner join titled_combinations on attribute_combinations.combination_id = titled_combinations.combination_id
    where
        titled_combinations.titled.valid
        and titled_combinations.titled.quality >= {{ var('min_quality') }}

),

{{ overlap_join(
    'good',
    'combination_id',
    'product_attributes',
    (var('sweep_relevance_thresholds') | list + [var('relevance_threshold')]) | min
) }},

final as (

    select
        combination_id,
        product_id,
        relevance,
        rank
    from overlap_products

)

select * from final
