{{ config(pre_hook="{{ stop_when_collections_drop(ref('standing_pages'), ref('titled_candidates')) }}") }}

with

titled_candidates as (

    select * from {{ ref('titled_candidates') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

heirs as (

    select
        current_id,
        slug,
        case status when 'published' then 2 when 'retired' then 0 else 1 end as standing
    from standing_pages
    where is_heir

),

-- A page that stands comes before a better newcomer: readers know its address.
good as (

    select
        titled_candidates.*,
        {{ page_slug('titled_candidates.title') }} as title_slug,
        heirs.slug as standing_slug,
        coalesce(heirs.standing, 0) as standing
    from titled_candidates
    left join heirs on titled_candidates.combination_id = heirs.current_id

),

-- Combinations that hold the same products are one page, and so are those with the same title.
same_products as (

    select
        good.*,
        count(*) over (partition by good.products_fingerprint) as merged,
        row_number() over (
            partition by good.products_fingerprint
            order by
                good.standing desc, good.quality_score desc, size(good.attribute_ids) asc, good.combination_id asc
        ) as place
    from good

),

same_title as (

    select
        same_products.*,
        concat(same_products.title_slug, '-', left(same_products.combination_id, 8)) as longer_slug,
        sum(same_products.merged) over (partition by same_products.title_slug) as merged_combinations,
        row_number() over (
            partition by same_products.title_slug
            order by
                same_products.standing desc,
                same_products.quality_score desc,
                same_products.products desc,
                same_products.combination_id asc
        ) as place_at_title
    from same_products
    where same_products.place = 1

),

taken_slugs as (

    select slug from standing_pages
    union distinct
    select slug from stg_existing_pages
    where slug is not null

),

final as (

    select
        same_title.combination_id as collection_id,
        same_title.title,
        same_title.description,
        same_title.attributes,
        same_title.product_type_id,
        same_title.quality_score,
        same_title.quality_source,
        same_title.products,
        same_title.items,
        same_title.merged_combinations,
        case
            when same_title.standing_slug is not null then same_title.standing_slug
            when taken_slugs.slug is null then same_title.title_slug
            when taken_longer_slugs.slug is null then same_title.longer_slug
            else concat(same_title.title_slug, '-', same_title.combination_id)
        end as slug
    from same_title
    left join taken_slugs on same_title.title_slug = taken_slugs.slug
    left join taken_slugs as taken_longer_slugs on same_title.longer_slug = taken_longer_slugs.slug
    where same_title.place_at_title = 1

)

select * from final
