-- Pages whose JSON-LD does not parse, has another name or count than the page, or lists other products than it shows.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

parsed as (

    select
        landing_pages.slug,
        landing_pages.title,
        landing_pages.all_items,
        landing_pages.listed_products.product_id as shown,
        from_json(
            landing_pages.json_ld,
            'name string, mainEntity struct<
                numberOfItems: bigint, itemListElement: array<struct<item: struct<sku: string>>>
            >'
        ) as page_json
    from landing_pages
    where landing_pages.status != 'retired'

),

final as (

    select parsed.slug
    from parsed
    where
        not coalesce(
            parsed.page_json.name = parsed.title
            and parsed.page_json.mainentity.numberofitems = parsed.all_items
            and parsed.page_json.mainentity.itemlistelement.item.sku = parsed.shown,
            false
        )

)

select * from final
