-- The sweep's row of the build's own settings differs from what the build made. The sweep knows neither history nor
-- editors, nor what repeats a page that is no broader one: such pages count as pages here, standing ones below the
-- minimum do not, and a fiftieth may differ.
with

threshold_sweep as (

    select * from {{ ref('threshold_sweep') }}

),

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

built as (

    select count(*) as topics
    from landing_pages
    where
        status = 'published'
        and index_reason != 'nearly all of a broader page'
        and items >= {{ var('min_collection_size') }}

),

final as (

    select
        threshold_sweep.topics,
        built.topics as built_topics
    from threshold_sweep
    cross join built
    where
        threshold_sweep.operating_point
        and abs(threshold_sweep.topics - built.topics) > 0.02 * built.topics

)

select * from final
