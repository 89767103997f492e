with

search_log_topics as (

    select * from {{ ref('search_log_topics') }}

),

search_log_duplicates as (

    select * from {{ ref('search_log_duplicates') }}

),

final as (

    select
        search_log_topics.query,
        search_log_topics.searches,
        search_log_topics.title,
        search_log_topics.combination_id,
        search_log_topics.attributes,
        search_log_topics.quality_score,
        search_log_topics.quality_source,
        search_log_topics.products,
        md5(search_log_topics.query) as collection_id,
        search_log_duplicates.query is null as indexable
    from search_log_topics
    left join search_log_duplicates on search_log_topics.query = search_log_duplicates.query

)

select * from final
