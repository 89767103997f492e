with

search_log_collections as (

    select * from {{ ref('search_log_collections') }}

),

search_log_collection_products as (

    select * from {{ ref('search_log_collection_products') }}

),

stg_search_queries as (

    select * from {{ ref('stg_search_queries') }}

),

topic_coverage as (

    select * from {{ ref('topic_coverage') }}

),

log_shares as (

    select explode(cast(array({{ var('log_shares') | join(', ') }}) as array<double>)) as log_share

),

content_first as (

    select
        topics,
        products_reached
    from topic_coverage
    where approach = 'content_first' and product_type = 'all'

),

log_totals as (

    select coalesce(sum(searches), 0) as searches
    from stg_search_queries

),

-- Of pages with the same products or title, the most searched one counts. A smaller log loses it last, so no other page
-- takes its place.
topics as (

    select
        collection_id,
        searches
    from search_log_collections
    where indexable

),

reached_products as (

    select
        search_log_collection_products.product_id,
        max(topics.searches) as searches
    from search_log_collection_products
    inner join topics on search_log_collection_products.collection_id = topics.collection_id
    group by search_log_collection_products.product_id

),

topics_by_share as (

    select
        log_shares.log_share,
        count(topics.collection_id) as topics
    from log_shares
    left join topics on round(log_shares.log_share * topics.searches, 6) >= {{ var('min_searches') }}
    group by log_shares.log_share

),

products_by_share as (

    select
        log_shares.log_share,
        count(reached_products.product_id) as products_reached
    from log_shares
    left join reached_products
        on round(log_shares.log_share * reached_products.searches, 6) >= {{ var('min_searches') }}
    group by log_shares.log_share

),

final as (

    select
        topics_by_share.log_share,
        cast(round(topics_by_share.log_share * log_totals.searches) as bigint) as searches,
        content_first.topics as content_first_topics,
        topics_by_share.topics as search_log_topics,
        cast(content_first.topics / nullif(topics_by_share.topics, 0) as double) as topic_ratio,
        content_first.products_reached as content_first_products_reached,
        products_by_share.products_reached as search_log_products_reached
    from topics_by_share
    inner join products_by_share on topics_by_share.log_share = products_by_share.log_share
    cross join log_totals
    cross join content_first

)

select * from final
