-- On the sample, whose size and log are known: fewer than four times the topics of the search log, or a precision that
-- is below the baseline's. Smaller samples than the default one are too thin to tell; other catalogues are not
-- promised anything.
with

products as (

    select * from {{ ref('products') }}

),

topic_coverage as (

    select * from {{ ref('topic_coverage') }}

),

collection_precision as (

    select * from {{ ref('collection_precision') }}

),

coverage as (

    select
        max(if(approach = 'content_first', topics, null)) as content_first_topics,
        max(if(approach = 'search_log', topics, null)) as search_log_topics
    from topic_coverage
    where product_type = 'all'

),

judged as (

    select
        max(if(approach = 'content_first', precision, null)) as content_first_precision,
        max(if(approach = 'search_log', precision, null)) as search_log_precision
    from collection_precision
    where judge = 'labels' and k = 10

),

sample as (

    select count(*) as products from products

),

final as (

    select
        coverage.*,
        judged.*
    from coverage
    cross join judged
    cross join sample
    where
        {{ setting('PINLANDING_SAMPLE') }} != ''
        and startswith({{ setting('PINLANDING_SEARCH_LOG') }}, {{ setting('PINLANDING_SAMPLE') }})
        and startswith({{ setting('PINLANDING_LABELS') }}, {{ setting('PINLANDING_SAMPLE') }})
        and {{ 'true' if catalog_is_sample() else 'false' }}
        and sample.products >= 2000
        and (
            coverage.content_first_topics < 4 * coverage.search_log_topics
            or judged.content_first_precision < judged.search_log_precision
            or judged.content_first_precision is null
        )

)

select * from final
