with

collections as (

    select * from {{ ref('collections') }}

),

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

search_log_collections as (

    select * from {{ ref('search_log_collections') }}

),

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

indexable_pages as (

    select distinct collection_id
    from landing_pages
    where indexable and status = 'published'

),

-- A standing page may be smaller than a new one; the search log has no such pages, so neither counts them.
content_first as (

    select
        'content_first' as approach,
        collections.collection_id,
        collections.collection_id as demand_id,
        collections.attributes,
        indexable_pages.collection_id is not null
        and collections.items >= {{ var('min_collection_size') }} as indexable
    from collections
    left join indexable_pages on collections.collection_id = indexable_pages.collection_id

),

search_log as (

    select
        'search_log' as approach,
        search_log_collections.collection_id,
        search_query_attributes.demand_id,
        search_log_collections.attributes,
        search_log_collections.indexable
    from search_log_collections
    inner join search_query_attributes on search_log_collections.query = search_query_attributes.query

),

final as (

    select * from content_first
    union all
    select * from search_log

)

select * from final
