with

page_states as (

    select * from {{ ref('page_states') }}

),

pages as (

    select
        collection_id,
        slug,
        title,
        attribute_ids,
        product_type_id,
        priority,
        items
    from page_states
    where status = 'published'

),

without_one as (

    select
        collection_id,
        slug,
        title,
        priority,
        product_type_id,
        attribute_ids,
        explode(attribute_ids) as left_out_id
    from pages

),

rests as (

    select
        collection_id,
        slug,
        title,
        priority,
        left_out_id = product_type_id as is_type_left_out,
        {{ combination_id('array_remove(attribute_ids, left_out_id)') }} as rest_id
    from without_one

),

-- The best page with one attribute less, and the best of that one.
parents as (

    select
        rests.collection_id,
        max(struct(pages.items, pages.slug, pages.title, pages.collection_id as parent_id)) as parent
    from rests
    inner join pages on rests.rest_id = pages.collection_id
    group by rests.collection_id

),

-- The best pages that have one attribute beside the rest: a page finds those beside it under each of its rests, and
-- those narrower than it under its own id.
neighbours as (

    select
        rest_id,
        collection_id,
        slug,
        title,
        priority,
        row_number() over (partition by rest_id order by priority desc, slug asc) as place
    from rests
    where not is_type_left_out

),

lookups as (

    select
        collection_id,
        rest_id
    from rests
    where not is_type_left_out
    union all
    select
        collection_id,
        collection_id as rest_id
    from pages

),

found as (

    select distinct
        lookups.collection_id,
        neighbours.priority,
        neighbours.slug,
        neighbours.title
    from lookups
    inner join neighbours
        on lookups.rest_id = neighbours.rest_id and lookups.collection_id != neighbours.collection_id
    where neighbours.place <= 7

),

related as (

    select
        collection_id,
        transform(
            slice(array_sort(collect_list(struct(-priority as weakness, slug, title))), 1, 6),
            page -> struct(page.slug, page.title)
        ) as related
    from found
    group by collection_id

),

final as (

    select
        pages.collection_id,
        related.related,
        filter(
            array(
                struct(grandparents.parent.slug, grandparents.parent.title),
                struct(parents.parent.slug, parents.parent.title)
            ),
            page -> page.slug is not null
        ) as broader
    from pages
    left join parents on pages.collection_id = parents.collection_id
    left join parents as grandparents on parents.parent.parent_id = grandparents.collection_id
    left join related on pages.collection_id = related.collection_id

)

select * from final
