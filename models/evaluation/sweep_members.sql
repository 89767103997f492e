with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

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

-- Whoever carries all attributes carries the rarest: only its products are looked at.
anchored as (

    select
        good.combination_id,
        any_value(good.attribute_ids) as attribute_ids,
        min(struct(attribute_statistics.products, attribute_statistics.attribute_id)).attribute_id
            as rarest_attribute_id
    from good
    inner join attribute_statistics on good.attribute_id = attribute_statistics.attribute_id
    group by good.combination_id

),

product_scores as (

    select
        product_id,
        map_from_entries(collect_list(struct(attribute_id, {{ exact_score('score') }}))) as scores
    from product_attributes
    group by product_id

),

members as (

    select
        anchored.combination_id,
        product_scores.product_id,
        transform(anchored.attribute_ids, attribute_id -> product_scores.scores[attribute_id]) as scores
    from anchored
    inner join product_attributes on anchored.rarest_attribute_id = product_attributes.attribute_id
    inner join product_scores on product_attributes.product_id = product_scores.product_id
    where forall(anchored.attribute_ids, attribute_id -> map_contains_key(product_scores.scores, attribute_id))

),

relevances as (

    select
        combination_id,
        product_id,
        {{ relevance(
            'aggregate(scores, cast(0 as decimal(12, 6)), (total, score) -> cast(total + score as decimal(12, 6)))',
            'size(scores)'
        ) }} as relevance
    from members

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
