with

judged_products as (

    select * from {{ ref('judged_products') }}

),

single_facets as (

    select *
    from judged_products
    where facet != 'all'

),

{{ precision_with_interval('single_facets', ['approach', 'judge', 'k', 'facet']) }}

select * from final
