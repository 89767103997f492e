with

thresholds as (

    select explode(array_distinct(array(
        cast({{ var('relevance_threshold') }} as double),
        {{ var('sweep_relevance_thresholds') | join(', ') }}
    ))) as relevance_threshold

),

sizes as (

    select explode(array_distinct(array(
        {{ var('min_collection_size') }}, {{ var('sweep_collection_sizes') | join(', ') }}
    ))) as min_collection_size

),

final as (

    select
        thresholds.relevance_threshold,
        sizes.min_collection_size,
        cast(
            row_number() over (order by thresholds.relevance_threshold asc, sizes.min_collection_size asc) - 1 as int
        ) as setting_bit
    from thresholds
    cross join sizes

)

select * from final
