-- Indexable pages with the same words in their titles; and, for about a hundred of them, chosen by hash, those with a
-- Jaccard similarity of near_duplicate_overlap to another, counted over all of their products.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

page_members as (

    select * from {{ ref('page_members') }}

),

indexable as (

    select
        slug,
        collection_id,
        {{ search_words('title') }} as words
    from landing_pages
    where indexable

),

sampling as (

    select cast(ceil(count(*) / 100) as int) as one_in
    from indexable

),

same_words as (

    select
        min(slug) as slug,
        max(slug) as other_slug,
        cast(null as double) as similarity
    from indexable
    group by {{ title_key('words') }}
    having count(*) > 1

),

members as (

    select
        indexable.slug,
        page_members.product_id,
        pmod(xxhash64(indexable.slug), sampling.one_in) = 0 as is_sampled,
        count(*) over (partition by indexable.slug) as products
    from indexable
    inner join page_members on indexable.collection_id = page_members.collection_id
    cross join sampling

),

similarities as (

    select
        members.slug,
        beside.slug as other_slug,
        count(*) / (max(members.products) + max(beside.products) - count(*)) as similarity
    from members
    inner join members as beside on members.product_id = beside.product_id and members.slug != beside.slug
    where members.is_sampled
    group by members.slug, beside.slug

),

final as (

    select * from same_words
    union all
    select * from similarities
    where similarity >= {{ var('near_duplicate_overlap') }}

)

select * from final
