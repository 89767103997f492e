{#- Our setting: statistics that do not know more than this part of the vocabulary are another catalogue's. -#}
{%- set new_share = 0.1 -%}
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

attributes as (

    select * from {{ ref('attributes') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

frequency_weights as (

    select * from {{ ref('frequency_weights') }}

),

settings as (

    select {{ statistics_key('key') }} as settings_key
    from encoder_in_use

),

{% if is_incremental() -%}
    standing as (

        select * from {{ this }}

    ),
{%- else -%}
    standing as (

        select
            cast(null as int) as version,
            cast(null as string) as settings_key,
            cast(null as string) as attribute_id,
            cast(null as double) as frequency_weight
        from settings
        where false

    ),
{%- endif %}

last_version as (

    select coalesce(max(version), 0) as version
    from standing

),

last_version_of_settings as (

    select max(standing.version) as version
    from standing
    inner join settings on standing.settings_key = settings.settings_key

),

last_of_settings as (

    select standing.*
    from standing
    inner join last_version_of_settings on standing.version = last_version_of_settings.version

),

known as (

    select
        max(last_of_settings.version) as version,
        max(last_of_settings.frequency_weight) as frequency_weight,
        count_if(last_of_settings.attribute_id is null) / count(*) as new_share
    from attributes
    left join last_of_settings on attributes.attribute_id = last_of_settings.attribute_id

),

version_in_use as (

    select
        settings.settings_key,
        known.version is not null
        and known.new_share <= {{ new_share }}
        and not {{ var('refresh_statistics') }}
        -- Where nothing could be judged then, and something can now, nothing stands.
        and (known.frequency_weight is not null or coalesce(frequency_weights.cells, 0) = 0) as stands,
        known.version,
        known.frequency_weight
    from known
    cross join settings
    cross join frequency_weights

),

final as (

    select
        version_in_use.settings_key,
        attributes.attribute_id,
        attributes.product_share,
        if(version_in_use.stands, version_in_use.version, cast(last_version.version + 1 as int)) as version,
        case
            when version_in_use.stands then version_in_use.frequency_weight
            when frequency_weights.cells = 0 and {{ var('frequency_weight') is none | lower }} then null
            else frequency_weights.frequency_weight
        end as frequency_weight,
        current_timestamp() as added_at
    from attributes
    cross join version_in_use
    cross join last_version
    cross join frequency_weights
    left anti join last_of_settings
        on
            version_in_use.stands
            and attributes.attribute_id = last_of_settings.attribute_id

)

select * from final
