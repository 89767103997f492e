with

collections as (

    select * from {{ ref('collections') }}

),

page_listings as (

    select * from {{ ref('page_listings') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

search_log_combinations as (

    select * from {{ ref('search_log_combinations') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

decisions as (

    select
        collection_id,
        bool_or(action = 'approve') as is_approved,
        bool_or(action = 'hide') as is_hidden,
        bool_or(action = 'merge_into') as is_merged,
        max(if(action = 'retitle', value, null)) as title
    from checked_overrides
    where warning is null and collection_id is not null
    group by collection_id

),

-- What editors merged away, and an address at which the shop has a page of its own, is no page.
pages as (

    select
        collections.collection_id,
        collections.slug,
        collections.title as own_title,
        coalesce(decisions.title, collections.title) as title,
        collections.description,
        collections.attributes.attribute_id as attribute_ids,
        collections.product_type_id,
        collections.quality_score,
        collections.quality_source,
        page_listings.products,
        page_listings.items,
        page_listings.all_items,
        page_listings.listed_products,
        case
            when decisions.is_hidden then 'hidden'
            when
                {{ 'true' if var('require_approval') else 'false' }}
                and not coalesce(decisions.is_approved, false)
                and not coalesce(standing_pages.was_published, false)
                then 'draft'
            else 'published'
        end as status,
        coalesce(standing_pages.status = 'published', false) as is_standing,
        coalesce(search_log_combinations.searches, 0) as searches
    from collections
    inner join page_listings on collections.collection_id = page_listings.collection_id
    left join decisions on collections.collection_id = decisions.collection_id
    left join standing_pages on collections.slug = standing_pages.slug
    left join search_log_combinations on collections.collection_id = search_log_combinations.combination_id
    left anti join stg_existing_pages on collections.slug = stg_existing_pages.slug
    where
        not coalesce(decisions.is_merged, false)
        -- Without what editors excluded, a page may be smaller than its collection.
        and page_listings.items >= {{ fewest_items('standing_pages.status') }}

),

largest as (

    select
        max(searches) as searches,
        max(items) as items
    from pages

),

-- Shares of the most searched and of the largest page, on a logarithmic scale, and the quality's place between 1 and 5.
weighed as (

    select
        pages.*,
        {{ search_words('pages.title') }} as words,
        round(
            0.5 * ln(1 + pages.searches) / ln(1 + greatest(largest.searches, 1))
            + 0.3 * ln(1 + pages.items) / ln(1 + greatest(largest.items, 1))
            + 0.2 * (pages.quality_score - 1) / 4,
            4
        ) as priority
    from pages
    cross join largest

),

final as (

    select
        * except (words, searches),
        {{ title_key('words') }} as title_key,
        md5(to_json(struct(title, description, all_items as products, listed_products))) as content_hash
    from weighed

)

select * from final
