{{ config(materialized='view') }}

with

metric_history as (

    select * from {{ ref('metric_history') }}

),

releases as (

    select * from {{ ref('releases') }}

),

latest as (

    select max(run) as run
    from metric_history
    having max(run) > 1

),

this_run as (

    select metric_history.*
    from metric_history
    inner join latest on metric_history.run = latest.run

),

last_release as (

    select max(built_at) as built_at
    from releases

),

-- The last one that was published: a build that an alarm stopped is no measure for the next.
compared as (

    select
        coalesce(
            max(metric_history.run) filter (where metric_history.built_at <= last_release.built_at),
            max(metric_history.run)
        ) as run
    from metric_history
    inner join latest on metric_history.run < latest.run
    cross join last_release

),

last_run as (

    select metric_history.*
    from metric_history
    inner join compared on metric_history.run = compared.run

),

final as (

    select
        last_run.value as value_before,
        this_run.value as value_after,
        last_run.low as low_before,
        this_run.high as high_after,
        coalesce(this_run.metric, last_run.metric) as metric,
        coalesce(this_run.entity, last_run.entity) as entity,
        coalesce(this_run.slice, last_run.slice) as slice
    from this_run
    full outer join last_run
        on
            this_run.metric = last_run.metric
            and this_run.entity = last_run.entity
            and this_run.slice = last_run.slice

)

select * from final
