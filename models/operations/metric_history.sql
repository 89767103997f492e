{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

metric_results as (

    select * from {{ ref('metric_results') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

settings as (

    select to_json(named_struct('encoder', key, {{ run_settings() }})) as settings
    from encoder_in_use

),

figures as (

    select
        concat_ws('|', array_sort(collect_list(to_json(struct(metric, entity, slice, round(value, 6), judged)))))
            as figures
    from metric_results

),

hashed as (

    select
        settings.settings,
        md5(concat(settings.settings, figures.figures)) as content_hash
    from settings
    cross join figures

),

latest as (

    {% if is_incremental() %}
        select
            max(run) as run,
            max_by(content_hash, run) as content_hash
        from {{ this }}
    {% else %}
        select
            cast(null as int) as run,
            cast(null as string) as content_hash
    {% endif %}

),

final as (

    select
        coalesce(latest.run, 0) + 1 as run,
        current_timestamp() as built_at,
        {{ setting('PINLANDING_CODE_VERSION') }} as code_version,
        hashed.settings,
        hashed.content_hash,
        metric_results.metric,
        metric_results.entity,
        metric_results.slice,
        metric_results.value,
        metric_results.low,
        metric_results.high,
        metric_results.judged
    from metric_results
    cross join hashed
    cross join latest
    where not (hashed.content_hash <=> latest.content_hash)

)

select * from final
