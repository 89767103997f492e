-- Stages in which more questions to a model failed than max_failure_share allows.
with

attribute_answers as (

    select * from {{ ref('attribute_answers') }}

),

vocabulary_review_answers as (

    select * from {{ ref('vocabulary_review_answers') }}

),

judgement_answers as (

    select * from {{ ref('judgement_answers') }}

),

answers as (

    select
        'extract_attributes' as stage,
        answer.error
    from attribute_answers
    union all
    select
        'review_attribute' as stage,
        answer.error
    from vocabulary_review_answers
    union all
    select
        'judge_product' as stage,
        answer.error
    from judgement_answers

),

final as (

    select
        stage,
        count(*) as questions,
        count(error) as failed
    from answers
    group by stage
    having count(error) > {{ var('max_failure_share') }} * count(*)

)

select * from final
