-- The sweep's row of the build's own settings differs from what the build made.
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
        threshold_sweep.products_reached,
        topic_coverage.topics as built_topics,
        topic_coverage.products_reached as built_products_reached
    from threshold_sweep
    cross join topic_coverage
    where
        topic_coverage.approach = 'content_first'
        and topic_coverage.product_type = 'all'
        and threshold_sweep.operating_point
        and (
            threshold_sweep.topics != topic_coverage.topics
            or threshold_sweep.products_reached != topic_coverage.products_reached
        )

)

select * from final
