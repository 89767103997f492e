-- Pages with fewer items in stock, without what editors excluded, than retire_size.
with

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

final as (

    select
        slug,
        status,
        items
    from landing_pages
    where status != 'retired' and items < {{ var('retire_size') }}

)

select * from final
