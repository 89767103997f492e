{{ config(materialized='ephemeral') }}

with

judgement_answers as (

    select * from {{ ref('judgement_answers') }}

),

final as (

    select
        judgement_answers.approach,
        judgement_answers.collection_id,
        judgement_answers.product_id,
        'all' as facet,
        'model' as judge,
        judgement_answers.answer.correct
    from judgement_answers
    where judgement_answers.answer.correct is not null

)

select * from final
