{{ config(tags=['delta']) -}}
-- Which collections lost products since yesterday? Versions are Delta Lake's.
select
    before.collection_id,
    count(*) as lost_products
from {{ ref('collection_products') }} timestamp as of current_timestamp() - interval 1 day as before
left anti join {{ ref('collection_products') }} as now
    on before.collection_id = now.collection_id and before.product_id = now.product_id
group by before.collection_id
order by lost_products desc
