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

indexable_pages as (

    select distinct collection_id
    from landing_pages
    where indexable and status = 'published'

),

content_first as (

    select
        'content_first' as approach,
        collections.collection_id,
        collections.collection_id as combination_id,
        collections.attributes,
        indexable_pages.collection_id is not null as indexable
    from collections
    left join indexable_pages on collections.collection_id = indexable_pages.collection_id

),

search_log as (

    select
        'search_log' as approach,
        collection_id,
        combination_id,
        attributes,
        indexable
    from search_log_collections

),

final as (

    select * from content_first
    union all
    select * from search_log

)

select * from final
