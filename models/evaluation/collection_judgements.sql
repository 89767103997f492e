{%- set k = 10 -%}
with

label_judgements as (

    select * from {{ ref('label_judgements') }}

),

people_judgements as (

    select * from {{ ref('people_judgements') }}

),

model_judgements as (

    select * from {{ ref('model_judgements') }}

),

judged_products as (

    select * from label_judgements
    union all
    select * from model_judgements
    union all
    select * from people_judgements

),

final as (

    select
        approach,
        collection_id,
        facet,
        judge,
        {{ k }} as k,
        count(*) as products,
        count_if(correct) as products_right,
        cast(count_if(correct) / count(*) as double) as precision
    from judged_products
    group by approach, collection_id, facet, judge

)

select * from final
