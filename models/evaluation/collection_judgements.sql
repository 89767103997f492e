with

judged_products as (

    select * from {{ ref('judged_products') }}

),

final as (

    select
        approach,
        collection_id,
        facet,
        judge,
        k,
        cast(count_if(correct) / count(*) as double) as precision,
        count(*) as products,
        count_if(correct) as products_right
    from judged_products
    group by approach, collection_id, facet, judge, k

)

select * from final
