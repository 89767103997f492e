-- Judges by whom precision is lower than in the last run, by more than its alarm allows.
with

metric_changes as (

    select * from {{ ref('metric_changes') }}

),

final as (

    select
        slice as judge,
        value_before,
        value_after,
        if(
            value_before - value_after > {{ var('alarm_precision_drop')[1] }} and high_after < low_before, 2, 1
        ) as alarm_level
    from metric_changes
    where
        metric = 'precision_at_10'
        and entity = 'content_first'
        and value_before - value_after > {{ var('alarm_precision_drop')[0] }}

)

select * from final
