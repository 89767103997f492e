with

judged_products as (

    select * from {{ ref('judged_products') }}

),

all_facets as (

    select *
    from judged_products
    where facet = 'all'

),

{{ precision_with_interval('all_facets', ['approach', 'judge', 'k']) }}

select * from final
