-- Pages that lead with what is sold out, show it before what can be bought, or fewer items in stock than they have.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

shown as (

    select
        landing_pages.slug,
        landing_pages.items,
        landing_pages.listed_products.in_stock as shown_in_stock
    from landing_pages
    where landing_pages.status != 'retired'

),

final as (

    select *
    from shown
    where
        shown_in_stock != reverse(array_sort(shown_in_stock))
        or not coalesce(shown_in_stock[0], false)
        or size(filter(shown_in_stock, is_there -> is_there)) < least(items, {{ var('page_items') }})

)

select * from final
