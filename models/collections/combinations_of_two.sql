with

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

attribute_pair_statistics as (

    select * from {{ ref('attribute_pair_statistics') }}

),

pairs as (

    select
        attribute_id,
        other_attribute_id
    from attribute_pair_statistics
    where products >= {{ var('min_collection_size') }}

),

pairs_both_ways as (

    select * from pairs
    union all
    select
        other_attribute_id,
        attribute_id
    from pairs

),

frequent as (

    select
        product_types.attribute_id as product_type_id,
        modifiers.attribute_id as modifier_id,
        {{ combination_id('array(product_types.attribute_id, modifiers.attribute_id)') }} as combination_id
    from pairs_both_ways
    inner join attribute_statistics as product_types
        on pairs_both_ways.attribute_id = product_types.attribute_id and product_types.is_product_type
    inner join attribute_statistics as modifiers
        on pairs_both_ways.other_attribute_id = modifiers.attribute_id and not modifiers.is_product_type

),

final as (

    select
        frequent.combination_id,
        frequent.product_type_id as prefix_id,
        array(frequent.product_type_id, frequent.modifier_id) as attribute_ids,
        frequent.modifier_id as last_attribute_id,
        modifiers.facet as last_facet,
        {{ exact_score('modifiers.score') }} as last_score,
        product_types.product_id,
        cast({{ exact_score('product_types.score') }} + {{ exact_score('modifiers.score') }} as decimal(12, 6)) as score
    from frequent
    inner join product_attributes as product_types on frequent.product_type_id = product_types.attribute_id
    inner join product_attributes as modifiers
        on
            frequent.modifier_id = modifiers.attribute_id
            and product_types.product_id = modifiers.product_id

)

select * from final
