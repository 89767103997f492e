{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

statistics_in_use as (

    select * from {{ ref('statistics_in_use') }}

),

threshold_fits as (

    select * from {{ ref('threshold_fits') }}

),

final as (

    select
        statistics_in_use.version,
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
        current_timestamp() as fitted_at
    from threshold_fits
    inner join statistics_in_use on threshold_fits.attribute_id = statistics_in_use.attribute_id
    {% if is_incremental() -%}
        left anti join {{ this }} as known
            on
                statistics_in_use.version = known.version
                and threshold_fits.attribute_id = known.attribute_id
    {%- endif %}
    where threshold_fits.judged > 0

)

select * from final
