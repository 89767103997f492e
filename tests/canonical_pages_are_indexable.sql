-- Pages whose canonical page does not exist, is not indexable itself, or is another one although they are indexable.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

final as (

    select
        landing_pages.slug,
        landing_pages.canonical_slug
    from landing_pages
    left join landing_pages as canonical on landing_pages.canonical_slug = canonical.slug
    where
        not coalesce(canonical.indexable, false)
        or landing_pages.indexable <> (landing_pages.slug = landing_pages.canonical_slug)

)

select * from final
