-- Metrics that were measured on more entities or slices in the last run than now.
with

metric_changes as (

    select * from {{ ref('metric_changes') }}

),

final as (

    select
        metric,
        1 as alarm_level,
        count(value_before) as rows_before,
        count(value_after) as rows_after
    from metric_changes
    group by metric
    having count_if(value_before is not null and value_after is null) > 0

)

select * from final
