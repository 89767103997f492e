with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

page_history as (

    select * from {{ ref('page_history') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

page_states as (

    select * from {{ ref('page_states') }}

),

collections as (

    select * from {{ ref('collections') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

waning_combinations as (

    select * from {{ ref('waning_combinations') }}

),

titled_candidates as (

    select * from {{ ref('titled_candidates') }}

),

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

last_states as (

    select
        slug,
        max_by(status, release) as status,
        max(if(status = 'published', release, null)) as last_published
    from page_history
    group by slug
    having bool_or(status = 'published') and max_by(status, release) != 'published'

),

-- A hidden page goes on changing: what counts is the first build without it.
unpublished as (

    select
        last_states.slug,
        last_states.status,
        min(page_history.release) as release
    from last_states
    inner join page_history
        on last_states.slug = page_history.slug and last_states.last_published < page_history.release
    group by last_states.slug, last_states.status

),

-- An address at which the shop has a page of its own leads there, not elsewhere.
gone as (

    select
        unpublished.slug,
        unpublished.status,
        unpublished.release,
        standing_pages.title,
        standing_pages.current_id,
        standing_pages.attribute_ids
    from unpublished
    left join standing_pages on unpublished.slug = standing_pages.slug
    left anti join stg_existing_pages on unpublished.slug = stg_existing_pages.slug

),

published as (

    select
        landing_pages.slug,
        landing_pages.collection_id,
        landing_pages.items,
        size(page_states.attribute_ids) as attributes
    from landing_pages
    inner join page_states on landing_pages.collection_id = page_states.collection_id
    where landing_pages.status = 'published'

),

merged_away as (

    select
        gone.slug,
        1 as preference,
        'merged by an editor' as reason,
        published.slug as new_slug,
        published.items
    from gone
    inner join checked_overrides
        on
            gone.slug = checked_overrides.slug
            and checked_overrides.action = 'merge_into'
            and checked_overrides.warning is null
    inner join published on checked_overrides.target_slug = published.slug

),

renamed as (

    select
        gone.slug,
        2 as preference,
        'its attributes were renamed or merged' as reason,
        published.slug as new_slug,
        published.items
    from gone
    inner join published on gone.current_id = published.collection_id

),

fingerprints as (

    select
        combination_id,
        products_fingerprint
    from attribute_combinations
    union all
    select
        combination_id,
        products_fingerprint
    from waning_combinations

),

same_products as (

    select
        gone.slug,
        3 as preference,
        'another page has the same products' as reason,
        published.slug as new_slug,
        published.items
    from gone
    inner join fingerprints on gone.current_id = fingerprints.combination_id
    inner join fingerprints as alike on fingerprints.products_fingerprint = alike.products_fingerprint
    inner join published on alike.combination_id = published.collection_id

),

-- The title that it had, or would have today.
gone_titles as (

    select
        slug,
        {{ page_slug('title') }} as title_slug
    from gone
    union distinct
    select
        gone.slug,
        {{ page_slug('titled_candidates.title') }} as title_slug
    from gone
    inner join titled_candidates on gone.current_id = titled_candidates.combination_id

),

same_title as (

    select
        gone_titles.slug,
        4 as preference,
        'another page has the same title' as reason,
        published.slug as new_slug,
        published.items
    from gone_titles
    inner join collections on gone_titles.title_slug = {{ page_slug('collections.title') }}
    inner join published on collections.collection_id = published.collection_id

),

-- Every choice of at least two of its attributes, by the bits of a number.
choices as (

    select
        slug,
        explode(transform(
            sequence(1, cast(power(2, size(attribute_ids)) as int) - 1),
            bits -> filter(attribute_ids, (attribute_id, place) -> shiftright(bits, place) % 2 = 1)
        )) as chosen_ids
    from gone
    where size(attribute_ids) >= 2

),

broader_ids as (

    select
        slug,
        {{ combination_id('chosen_ids') }} as broader_id
    from choices
    where size(chosen_ids) >= 2

),

broader as (

    select
        broader_ids.slug,
        10 - published.attributes as preference,
        'a broader page' as reason,
        published.slug as new_slug,
        published.items
    from broader_ids
    inner join published on broader_ids.broader_id = published.collection_id

),

targets as (

    select * from merged_away
    union all
    select * from renamed
    union all
    select * from same_products
    union all
    select * from same_title
    union all
    select * from broader

),

best_targets as (

    select
        slug,
        min_by(struct(new_slug, reason), struct(preference, -items, new_slug)) as target
    from targets
    group by slug

),

final as (

    select
        gone.slug as old_slug,
        best_targets.target.new_slug,
        gone.release,
        if(best_targets.target is null, 410, 301) as status_code,
        concat(
            if(gone.status = 'hidden', 'hidden by an editor', 'retired'),
            ': ',
            coalesce(best_targets.target.reason, 'no page is near')
        ) as reason
    from gone
    left join best_targets on gone.slug = best_targets.slug

)

select * from final
