-- Judges by whom precision fell by half of its alarm or more while the pages became more by a twentieth or more.
with

metric_changes as (

    select * from {{ ref('metric_changes') }}

),

topics as (

    select
        value_before as topics_before,
        value_after as topics_after
    from metric_changes
    where metric = 'topics' and entity = 'content_first' and slice = 'all'

),

precisions as (

    select
        slice as judge,
        value_before,
        value_after,
        2 * (value_before - value_after) as twice_the_fall,
        high_after < low_before as is_certain
    from metric_changes
    where metric = 'precision_at_10' and entity = 'content_first'

),

final as (

    select
        precisions.judge,
        precisions.value_before,
        precisions.value_after,
        topics.topics_before,
        topics.topics_after,
        if(
            precisions.is_certain and precisions.twice_the_fall > {{ var('alarm_precision_drop')[1] }}, 2, 1
        ) as alarm_level
    from precisions
    cross join topics
    where
        topics.topics_after >= 1.05 * topics.topics_before
        and precisions.twice_the_fall > {{ var('alarm_precision_drop')[0] }}

)

select * from final
