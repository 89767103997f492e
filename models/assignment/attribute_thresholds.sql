with

threshold_history as (

    select * from {{ ref('threshold_history') }}

),

statistics_in_use as (

    select * from {{ ref('statistics_in_use') }}

),

threshold_fits as (

    select * from {{ ref('threshold_fits') }}

),

standing as (

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

),

-- Nothing of them has been judged yet, so nothing stands.
unjudged as (

    select
        threshold_fits.attribute_id,
        threshold_fits.threshold,
        threshold_fits.highest_similarity,
        threshold_fits.precision_low,
        threshold_fits.precision,
        threshold_fits.recall,
        threshold_fits.positives,
        threshold_fits.judged,
        threshold_fits.usable,
        threshold_fits.reason,
        statistics_in_use.version
    from threshold_fits
    inner join statistics_in_use on threshold_fits.attribute_id = statistics_in_use.attribute_id
    left anti join standing on threshold_fits.attribute_id = standing.attribute_id

),

final as (

    select * from standing
    union all
    select * from unjudged

)

select * from final
