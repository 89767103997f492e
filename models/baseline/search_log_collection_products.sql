with

search_log_matches as (

    select * from {{ ref('search_log_matches') }}

),

search_log_collections as (

    select * from {{ ref('search_log_collections') }}

),

final as (

    select
        search_log_collections.collection_id,
        search_log_matches.product_id,
        search_log_matches.rank,
        cast(search_log_matches.relevance as double) as relevance
    from search_log_matches
    inner join search_log_collections on search_log_matches.query = search_log_collections.query
    where search_log_matches.rank <= {{ var('top_k') }}

)

select * from final
