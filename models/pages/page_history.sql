{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ stop_when_pages_drop(ref('standing_pages'), ref('page_states')) }}",
) }}

with

recorded as (

    select * from {{ source('raw', 'page_history') }}

),

page_states as (

    select * from {{ ref('page_states') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

latest as (

    select
        slug,
        max_by(
            struct(
                collection_id,
                status,
                title,
                description,
                quality_score,
                quality_source,
                content_hash,
                last_modified
            ),
            release
        ) as page
    from recorded
    group by slug

),

-- A page that is here no more keeps what it was.
gone as (

    select standing_pages.*
    from standing_pages
    left anti join page_states on standing_pages.slug = page_states.slug
    where standing_pages.status != 'retired'

),

states as (

    select
        slug,
        collection_id,
        attribute_ids,
        status,
        own_title as title,
        description,
        quality_score,
        quality_source,
        products,
        content_hash
    from page_states
    union all
    select
        slug,
        collection_id,
        recorded_attribute_ids as attribute_ids,
        'retired' as status,
        title,
        description,
        quality_score,
        quality_source,
        products,
        cast(null as string) as content_hash
    from gone

),

final as (

    select
        states.slug,
        states.collection_id,
        states.attribute_ids,
        states.status,
        states.title,
        states.description,
        states.quality_score,
        states.quality_source,
        states.products,
        '{{ release_name() }}' as release,
        coalesce(states.content_hash, latest.page.content_hash) as content_hash,
        if(
            coalesce(states.content_hash, latest.page.content_hash) <=> latest.page.content_hash,
            latest.page.last_modified,
            current_timestamp()
        ) as last_modified
    from states
    left join latest on states.slug = latest.slug
    where
        latest.page is null
        or states.collection_id != latest.page.collection_id
        or states.status != latest.page.status
        or states.title != latest.page.title
        or states.description != latest.page.description
        or not states.quality_score <=> latest.page.quality_score
        or not states.quality_source <=> latest.page.quality_source
        or coalesce(states.content_hash, latest.page.content_hash) != latest.page.content_hash

)

select * from final
