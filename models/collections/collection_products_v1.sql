with

collections as (

    select * from {{ ref('collections') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

collection_attributes as (

    select
        collection_id,
        transform(attributes, attribute -> attribute.attribute_id) as attribute_ids,
        explode(transform(attributes, attribute -> attribute.attribute_id)) as attribute_id
    from collections

),

-- Whoever carries all attributes carries the rarest: only its products are looked at.
attribute_sizes as (

    select
        attribute_id,
        count(*) as products
    from product_attributes
    group by attribute_id

),

anchored as (

    select
        collection_attributes.collection_id,
        any_value(collection_attributes.attribute_ids) as attribute_ids,
        min(struct(attribute_sizes.products, attribute_sizes.attribute_id)).attribute_id as rarest_attribute_id
    from collection_attributes
    inner join attribute_sizes on collection_attributes.attribute_id = attribute_sizes.attribute_id
    group by collection_attributes.collection_id

),

product_scores as (

    select
        product_id,
        map_from_entries(collect_list(struct(attribute_id, {{ exact_score('score') }}))) as scores
    from product_attributes
    group by product_id

),

carriers as (

    select
        anchored.collection_id,
        product_scores.product_id,
        transform(anchored.attribute_ids, attribute_id -> product_scores.scores[attribute_id]) as scores
    from anchored
    inner join product_attributes on anchored.rarest_attribute_id = product_attributes.attribute_id
    inner join product_scores on product_attributes.product_id = product_scores.product_id
    where forall(anchored.attribute_ids, attribute_id -> map_contains_key(product_scores.scores, attribute_id))

),

carried as (

    select
        collection_id,
        product_id,
        {{ relevance(
            'aggregate(scores, cast(0 as decimal(12, 6)), (total, score) -> cast(total + score as decimal(12, 6)))',
            'size(scores)'
        ) }} as relevance
    from carriers

),

relevant as (

    select *
    from carried
    where relevance >= {{ var('relevance_threshold') }}

),

ranked as (

    select
        collection_id,
        product_id,
        cast(row_number() over (partition by collection_id order by relevance desc, product_id asc) as int) as rank,
        relevance,
        count(*) over (partition by collection_id) as products
    from relevant

),

final as (

    select *
    from ranked
    where
        rank <= {{ var('top_k') }}
        and products >= {{ var('retire_size') }}

)

select * from final
