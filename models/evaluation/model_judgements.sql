{{ config(materialized='ephemeral') }}

with

judgement_answers as (

    select * from {{ ref('judgement_answers') }}

),

final as (

    select
        approach,
        collection_id,
        product_id,
        'all' as facet,
        'model' as judge,
        answer.correct
    from judgement_answers
    where answer.correct is not null

)

select * from final
