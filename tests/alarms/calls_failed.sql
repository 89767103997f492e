-- Stages in which a larger share of the questions failed than the alarm allows; no error for what the user accepts.
with

metric_results as (

    select * from {{ ref('metric_results') }}

),

final as (

    select
        entity as stage,
        judged as questions,
        value as failed_share,
        if(value > greatest({{ var('alarm_failed_calls')[1] }}, {{ var('max_failure_share') }}), 2, 1) as alarm_level
    from metric_results
    where metric = 'failed_question_share' and value > {{ var('alarm_failed_calls')[0] }}

)

select * from final
