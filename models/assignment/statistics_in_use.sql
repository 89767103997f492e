with

assignment_statistics as (

    select * from {{ ref('assignment_statistics') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

of_settings as (

    select assignment_statistics.*
    from assignment_statistics
    inner join encoder_in_use on assignment_statistics.settings_key = {{ statistics_key('encoder_in_use.key') }}

),

version_in_use as (

    select max(version) as version
    from of_settings

),

final as (

    select
        of_settings.attribute_id,
        of_settings.version,
        of_settings.product_share,
        coalesce(of_settings.frequency_weight, 0.0d) as frequency_weight
    from of_settings
    inner join version_in_use on of_settings.version = version_in_use.version
    left semi join attributes on of_settings.attribute_id = attributes.attribute_id

)

select * from final
