with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

waning_combinations as (

    select * from {{ ref('waning_combinations') }}

),

final as (

    select
        attribute_combinations.combination_id,
        attribute_combinations.attributes,
        attribute_combinations.attribute_ids,
        attribute_combinations.product_type_id,
        attribute_combinations.carriers,
        attribute_combinations.products,
        attribute_combinations.items,
        attribute_combinations.products_fingerprint,
        titled_combinations.titled.title,
        titled_combinations.titled.description,
        titled_combinations.titled.quality as quality_score,
        titled_combinations.titled.quality_source
    from attribute_combinations
    inner join titled_combinations on attribute_combinations.combination_id = titled_combinations.combination_id
    where
        titled_combinations.titled.valid
        and titled_combinations.titled.quality >= {{ var('min_quality') }}
    union all
    select
        combination_id,
        attributes,
        attribute_ids,
        product_type_id,
        carriers,
        products,
        items,
        products_fingerprint,
        title,
        description,
        quality_score,
        quality_source
    from waning_combinations

)

select * from final
