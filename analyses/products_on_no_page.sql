-- Which kinds of product stand on no page?
select
    types.value as product_type,
    count(distinct types.product_id) as products,
    count(distinct types.product_id) - count(distinct listed.product_id) as on_no_page
from {{ ref('product_attributes') }} as types
left join {{ ref('collection_products') }} as listed on types.product_id = listed.product_id
where types.facet = 'product_type'
group by types.value
order by on_no_page desc
