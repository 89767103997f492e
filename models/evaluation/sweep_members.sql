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
        attribute_combinations.attribute_ids,
        explode(attribute_combinations.attribute_ids) as attribute_id
    from attribute_combinations
    inner join titled_combinations on attribute_combinations.combination_id = titled_combinations.combination_id
    where
        titled_combinations.titled.valid
        and titled_combinations.titled.quality >= {{ var('min_quality') }}

),

{{ carried_relevances('good', 'product_attributes', 'combination_id') }},

final as (

    select
        combination_id,
        product_id,
        relevance,
        cast(row_number() over (partition by combination_id order by relevance desc, product_id asc) as int) as rank
    from carried_relevances

)

select * from final
