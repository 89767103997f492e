-- Addresses that were published once and are neither published, nor redirected to a published page or gone for good,
-- nor the shop's own; and redirects of a published address.
with

page_history as (

    select * from {{ ref('page_history') }}

),

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

redirects as (

    select * from {{ ref('redirects') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

published as (

    select slug
    from landing_pages
    where status = 'published'

),

once_published as (

    select distinct page_history.slug
    from page_history
    left anti join stg_existing_pages on page_history.slug = stg_existing_pages.slug
    where page_history.status = 'published'

),

final as (

    select once_published.slug
    from once_published
    left join published on once_published.slug = published.slug
    left join redirects on once_published.slug = redirects.old_slug
    left join published as targets on redirects.new_slug = targets.slug
    where
        (published.slug is null) != (redirects.old_slug is not null)
        or (redirects.status_code = 301) != (targets.slug is not null)

)

select * from final
