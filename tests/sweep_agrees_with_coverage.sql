-- The sweep's row of the build's own settings differs from the topics that the build has. The sweep knows neither
-- history nor editors, and of two pages that repeat each other it may keep the other one: a fiftieth may differ.
with

threshold_sweep as (

    select * from {{ ref('threshold_sweep') }}

),

topic_coverage as (

    select * from {{ ref('topic_coverage') }}

),

final as (

    select
        threshold_sweep.topics,
        topic_coverage.topics as built_topics
    from threshold_sweep
    cross join topic_coverage
    where
        threshold_sweep.operating_point
        and topic_coverage.approach = 'content_first'
        and topic_coverage.product_type = 'all'
        and abs(threshold_sweep.topics - topic_coverage.topics) > 0.02 * topic_coverage.topics

)

select * from final
