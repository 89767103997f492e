{{ config(materialized='ephemeral') }}

{%- set k = 10 -%}
with

evaluated_collection_products as (

    select * from {{ ref('evaluated_collection_products') }}

),

verdicts as (

    {{ audit_verdicts(['product']) }}

),

items as (

    select
        approach,
        collection_id,
        product_id,
        {{ audit_item(['approach', 'collection_id', 'product_id']) }} as item_id
    from evaluated_collection_products
    where rank <= {{ k }}

),

final as (

    select
        items.approach,
        items.collection_id,
        items.product_id,
        'all' as facet,
        'people' as judge,
        verdicts.is_yes as correct
    from items
    inner join verdicts on items.item_id = verdicts.item_id

)

select * from final
