-- Figures that this build could measure and did not.
with

metric_index as (

    select * from {{ ref('metric_index') }}

),

metric_results as (

    select * from {{ ref('metric_results') }}

),

final as (

    select
        metric_index.metric,
        metric_index.entity,
        metric_index.source
    from metric_index
    left anti join metric_results
        on metric_index.metric = metric_results.metric and metric_index.entity = metric_results.entity
    where metric_index.has_input

)

select * from final
