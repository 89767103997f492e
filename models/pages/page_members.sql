with

collections as (

    select * from {{ ref('collections') }}

),

collection_products as (

    select * from {{ ref('collection_products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

needed as (

    select
        collections.collection_id,
        collections.attributes.attribute_id as attribute_ids,
        explode(collections.attributes.attribute_id) as attribute_id
    from collections
    where collections.products > {{ var('top_k') }}

),

needed_scores as (

    select
        product_id,
        attribute_id,
        {{ exact_score('score') }} as score
    from product_attributes
    where attribute_id in (select needed.attribute_id from needed)

),

attribute_sizes as (

    select
        attribute_id,
        count(*) as products
    from needed_scores
    group by attribute_id

),

-- Whoever carries all attributes carries the rarest: only its products are looked at.
anchored as (

    select
        needed.collection_id,
        any_value(needed.attribute_ids) as attribute_ids,
        min(struct(attribute_sizes.products, attribute_sizes.attribute_id)).attribute_id as rarest_attribute_id
    from needed
    inner join attribute_sizes on needed.attribute_id = attribute_sizes.attribute_id
    group by needed.collection_id

),

product_scores as (

    select
        product_id,
        map_from_entries(collect_list(struct(attribute_id, score))) as scores
    from needed_scores
    group by product_id

),

relevances as (

    select
        anchored.collection_id,
        product_scores.product_id,
        {{ relevance(
            'aggregate(
                anchored.attribute_ids,
                cast(0 as decimal(12, 6)),
                (total, attribute_id) -> cast(total + product_scores.scores[attribute_id] as decimal(12, 6))
            )',
            'size(anchored.attribute_ids)'
        ) }} as relevance
    from anchored
    inner join needed_scores on anchored.rarest_attribute_id = needed_scores.attribute_id
    inner join product_scores on needed_scores.product_id = product_scores.product_id

),

final as (

    select
        collection_id,
        product_id,
        relevance
    from collection_products
    where products <= {{ var('top_k') }}
    union all
    select
        collection_id,
        product_id,
        relevance
    from relevances
    where relevance >= {{ var('relevance_threshold') }}

)

select * from final
