-- Stages in which a larger share of the calls failed than the alarm allows.
with

metric_results as (

    select * from {{ ref('metric_results') }}

),

final as (

    select
        entity as stage,
        judged as calls,
        value as failed_share,
        if(value > {{ var('alarm_failed_calls')[1] }}, 2, 1) as alarm_level
    from metric_results
    where metric = 'failed_call_share' and value > {{ var('alarm_failed_calls')[0] }}

)

select * from final
