with

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
        if(action = 'pin', coalesce(try_cast(value as int), if(value is null, 1, null)), null) as pin_position,
        row_number() over (
            partition by slug, action, if(action in ('pin', 'exclude'), product_id, null)
            order by until is null desc, until desc, value asc
        ) as row_of_action
    from trimmed

),

known_slugs as (

    select slug from collections
    union distinct
    select slug from standing_pages

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

final as (

    select
        typed.* except (until_date, row_of_action),
        collections.collection_id,
        case
            when
                coalesce(typed.action, '') not in ('approve', 'hide', 'pin', 'exclude', 'retitle', 'merge_into')
                then 'action must be approve, hide, pin, exclude, retitle or merge_into'
            when typed.until is not null and typed.until_date is null
                then 'until must be a date such as 2026-12-31'
            when typed.until_date <= {{ run_date() }}
                then concat('expired on ', typed.until)
            when known_slugs.slug is null
                then 'no page has or had this slug'
            when collections.collection_id is null and typed.action != 'merge_into'
                then 'the page is retired'
            when typed.row_of_action > 1
                then 'another row does the same to the page'
            when typed.action in ('pin', 'exclude') and typed.product_id is null
                then 'product_id is missing'
            when typed.action in ('pin', 'exclude') and products.product_id is null
                then 'the catalogue has no such product'
            when typed.action = 'pin' and carried.product_id is null
                then 'the product does not carry all attributes of the page'
            when typed.action = 'pin' and coalesce(typed.pin_position, 0) < 1
                then 'value must be the place on the page, 1 or more, or empty'
            when typed.action = 'retitle' and typed.value is null
                then 'value must be the new title'
            when typed.action = 'merge_into' and targets.slug is null
                then 'value must be the slug of another page'
        end as warning
    from typed
    left join known_slugs on typed.slug = known_slugs.slug
    left join collections on typed.slug = collections.slug
    left join collections as targets on typed.value = targets.slug and typed.slug != targets.slug
    left join products on typed.product_id = products.product_id
    left join carried on typed.slug = carried.slug and typed.product_id = carried.product_id

)

select * from final
