with

threshold_history as (

    select * from {{ ref('threshold_history') }}

),

statistics_in_use as (

    select * from {{ ref('statistics_in_use') }}

),

final as (

    select
        threshold_history.attribute_id,
        threshold_history.threshold,
        threshold_history.highest_similarity,
        threshold_history.precision_low,
        threshold_history.precision,
        threshold_history.recall,
        threshold_history.positives,
        threshold_history.judged,
        threshold_history.usable,
        threshold_history.reason,
        threshold_history.version
    from threshold_history
    left semi join statistics_in_use
        on
            threshold_history.version = statistics_in_use.version
            and threshold_history.attribute_id = statistics_in_use.attribute_id

)

select * from final
