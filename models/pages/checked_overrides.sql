with recursive

collection_overrides as (

    select * from {{ ref('collection_overrides') }}

),

collections as (

    select * from {{ ref('collections') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

products as (

    select * from {{ ref('products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

page_members as (

    select * from {{ ref('page_members') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

trimmed as (

    select
        who,
        why,
        trim(slug) as slug,
        lower(trim(action)) as action,
        nullif(trim(product_id), '') as product_id,
        nullif(trim(value), '') as value,
        nullif(trim(until), '') as until
    from collection_overrides

),

typed as (

    select
        *,
        try_to_date(until, 'yyyy-MM-dd') as until_date,
        if(action = 'pin', coalesce(try_cast(value as int), if(value is null, 1, null)), null) as pin_position
    from trimmed

),

wanted_products as (

    select distinct
        typed.slug,
        typed.product_id,
        collections.attributes.attribute_id as attribute_ids
    from typed
    inner join collections on typed.slug = collections.slug
    where typed.action = 'pin'

),

carried as (

    select
        wanted_products.slug,
        wanted_products.product_id
    from wanted_products
    inner join product_attributes
        on
            wanted_products.product_id = product_attributes.product_id
            and array_contains(wanted_products.attribute_ids, product_attributes.attribute_id)
    group by wanted_products.slug, wanted_products.product_id
    having count(*) = max(size(wanted_products.attribute_ids))

),

judged as (

    select
        typed.*,
        collections.collection_id,
        case
            when
                coalesce(typed.action, '') not in ('approve', 'hide', 'pin', 'exclude', 'retitle', 'merge_into')
                then 'action must be approve, hide, pin, exclude, retitle or merge_into'
            when typed.until is not null and typed.until_date is null
                then 'until must be a date such as 2026-12-31'
            when typed.until_date <= {{ run_date() }}
                then concat('expired on ', typed.until)
            when collections.slug is null and standing_pages.slug is null
                then 'no page has or had this slug'
            when collections.collection_id is null and typed.action != 'merge_into'
                then 'the page is retired'
            when typed.action in ('pin', 'exclude') and typed.product_id is null
                then 'product_id is missing'
            when typed.action in ('pin', 'exclude') and products.product_id is null
                then 'the catalogue has no such product'
            when typed.action = 'pin' and carried.product_id is null
                then 'the product does not carry all attributes of the page'
            when typed.action = 'pin' and coalesce(typed.pin_position, 0) < 1
                then 'value must be the order among the pins of the page, 1 or more, or empty'
            when typed.action = 'pin' and not products.in_stock
                then 'the product is sold out: it is pinned again when it is back'
            when typed.action = 'exclude' and page_members.product_id is null
                then 'the page does not have the product'
            when typed.action = 'retitle' and typed.value is null
                then 'value must be the new title'
            when typed.action = 'merge_into' and coalesce(typed.value, typed.slug) = typed.slug
                then 'value must be the slug of another page'
        end as problem
    from typed
    left join collections on typed.slug = collections.slug
    left join standing_pages on typed.slug = standing_pages.slug
    left join products on typed.product_id = products.product_id
    left join carried on typed.slug = carried.slug and typed.product_id = carried.product_id
    left join page_members
        on collections.collection_id = page_members.collection_id and typed.product_id = page_members.product_id

),

-- Of rows that can be followed and do the same to a page, one decides.
numbered as (

    select
        * except (problem),
        if(
            problem is null
            and row_number() over (
                partition by slug, action, if(action in ('pin', 'exclude'), product_id, null), problem is null
                order by until is null desc, until_date desc, value asc
            ) > 1,
            'another row does the same to the page',
            problem
        ) as problem
    from judged

),

merges as (

    select
        slug,
        value
    from numbered
    where action = 'merge_into' and problem is null

),

-- Where a page was merged into one that was merged, too. More steps than that are a circle.
followed as (

    select
        slug,
        value as target_slug,
        1 as step
    from merges
    union all
    select
        followed.slug,
        merges.value as target_slug,
        followed.step + 1 as step
    from followed
    inner join merges on followed.target_slug = merges.slug
    where followed.step < 20

),

circles as (

    select distinct slug
    from followed
    where slug = target_slug

),

-- Up to the first page of a circle, as none of these is merged.
ways as (

    select
        followed.slug,
        followed.target_slug,
        followed.step,
        min(if(circles.slug is not null, followed.step, null)) over (partition by followed.slug) as circle_step
    from followed
    left join circles on followed.target_slug = circles.slug
    left anti join circles as turning on followed.slug = turning.slug

),

decided as (

    select
        slug,
        bool_or(action = 'hide') as is_hidden,
        bool_or(action = 'approve') as is_approved
    from numbered
    where problem is null
    group by slug

),

excluded as (

    select distinct
        collection_id,
        product_id
    from judged
    where action = 'exclude' and problem is null

),

-- What editors excluded may leave a page with too few items to stay one (weighed_pages).
left_items as (

    select
        page_members.collection_id,
        count(distinct if(excluded.product_id is null and products.in_stock, products.item_id, null)) as items
    from page_members
    inner join products on page_members.product_id = products.product_id
    left semi join excluded as thinned on page_members.collection_id = thinned.collection_id
    left join excluded
        on page_members.collection_id = excluded.collection_id and page_members.product_id = excluded.product_id
    group by page_members.collection_id

),

judged_ways as (

    select
        ways.slug,
        ways.target_slug,
        ways.step,
        case
            when collections.slug is null
                then 'value must be the slug of another page'
            when stg_existing_pages.slug is not null
                then 'the shop has a page of its own at that address'
            when decided.is_hidden
                then 'the other page is hidden'
            when
                {{ 'true' if var('require_approval') else 'false' }}
                and not coalesce(decided.is_approved, false)
                and not coalesce(standing_pages.was_published, false)
                then 'the other page is a draft'
            when left_items.items < {{ fewest_items('standing_pages.status') }}
                then 'the other page retires: too few items are left without what is excluded'
        end as problem
    from ways
    left join collections on ways.target_slug = collections.slug
    left join stg_existing_pages on ways.target_slug = stg_existing_pages.slug
    left join standing_pages on ways.target_slug = standing_pages.slug
    left join decided on ways.target_slug = decided.slug
    left join left_items on collections.collection_id = left_items.collection_id
    where ways.step <= coalesce(ways.circle_step, ways.step)

),

-- The last page on the way that can be one: a merge into what cannot is not followed, so the page before stays.
targets as (

    select
        slug,
        coalesce(max_by(target_slug, step) filter (where problem is null), max_by(target_slug, step)) as target_slug,
        if(bool_or(problem is null), null, max_by(problem, step)) as problem
    from judged_ways
    group by slug

),

final as (

    select
        numbered.slug,
        numbered.action,
        numbered.product_id,
        numbered.value,
        numbered.until,
        numbered.who,
        numbered.why,
        numbered.pin_position,
        numbered.collection_id,
        targets.target_slug,
        case
            when numbered.problem is not null then numbered.problem
            when numbered.action = 'pin' and excluded.product_id is not null
                then 'another row excludes the product'
            when numbered.action = 'merge_into' and circles.slug is not null
                then 'pages are merged in a circle'
            when numbered.action = 'merge_into' then targets.problem
        end as warning
    from numbered
    left join circles on numbered.slug = circles.slug
    left join excluded
        on numbered.collection_id = excluded.collection_id and numbered.product_id = excluded.product_id
    left join targets on numbered.slug = targets.slug and numbered.action = 'merge_into'

)

select * from final
