{#- The CTEs `attribute_sizes` to `carried_relevances`: every set of attributes with each product that carries all of it: the set's `id`,
    product_id, and relevance, the mean score of these attributes. `needed` is a CTE with a row for each attribute_id of a set: its `id`,
    attribute_ids (all of them); `pairs` has product_id, attribute_id, score.

    Whoever carries all attributes carries the rarest: only its products are looked at. -#}
{% macro carried_relevances(needed, pairs, id) -%}
attribute_sizes as (

    select
        attribute_id,
        count(*) as products
    from {{ pairs }}
    group by attribute_id

),

anchored as (

    select
        {{ needed }}.{{ id }},
        any_value({{ needed }}.attribute_ids) as attribute_ids,
        min(struct(attribute_sizes.products, attribute_sizes.attribute_id)).attribute_id as rarest_attribute_id
    from {{ needed }}
    inner join attribute_sizes on {{ needed }}.attribute_id = attribute_sizes.attribute_id
    group by {{ needed }}.{{ id }}

),

product_scores as (

    select
        product_id,
        map_from_entries(collect_list(struct(attribute_id, {{ exact_score('score') }}))) as scores
    from {{ pairs }}
    group by product_id

),

carriers as (

    select
        anchored.{{ id }},
        product_scores.product_id,
        transform(anchored.attribute_ids, attribute_id -> product_scores.scores[attribute_id]) as scores
    from anchored
    inner join {{ pairs }} on anchored.rarest_attribute_id = {{ pairs }}.attribute_id
    inner join product_scores on {{ pairs }}.product_id = product_scores.product_id
    where forall(anchored.attribute_ids, attribute_id -> map_contains_key(product_scores.scores, attribute_id))

),

carried_relevances as (

    select
        {{ id }},
        product_id,
        {{ relevance(
            'aggregate(scores, cast(0 as decimal(12, 6)), (total, score) -> cast(total + score as decimal(12, 6)))',
            'size(scores)'
        ) }} as relevance
    from carriers

)
{%- endmacro %}
