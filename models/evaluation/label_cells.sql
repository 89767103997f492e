with

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

products as (

    select * from {{ ref('products') }}

),

learned_labels as (

    select * from {{ ref('learned_labels') }}

),

value_implications as (

    select * from {{ ref('value_implications') }}

),

labels as (

    select
        stg_labels.product_id,
        stg_labels.facet,
        stg_labels.value
    from stg_labels
    left semi join products on stg_labels.product_id = products.product_id
    left anti join learned_labels on stg_labels.product_id = learned_labels.product_id

),

implied as (

    select
        labels.product_id,
        labels.facet,
        value_implications.implied_value as value
    from labels
    inner join value_implications
        on
            labels.facet = value_implications.facet
            and labels.value = value_implications.value

),

facts as (

    select * from labels
    union all
    select * from implied

),

final as (

    select
        product_id,
        facet,
        array_sort(collect_set(value)) as label_values
    from facts
    group by product_id, facet

)

select * from final
