-- Published pages whose canonical page is neither an indexable one nor the shop's own, or is another one although
-- they are indexable.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

final as (

    select
        landing_pages.slug,
        landing_pages.canonical_slug
    from landing_pages
    left join landing_pages as canonical on landing_pages.canonical_slug = canonical.slug
    left join stg_existing_pages on landing_pages.canonical_slug = stg_existing_pages.address
    where
        landing_pages.status = 'published'
        and (
            not (coalesce(canonical.indexable, false) or stg_existing_pages.address is not null)
            or landing_pages.indexable <> (landing_pages.slug = landing_pages.canonical_slug)
        )

)

select * from final
