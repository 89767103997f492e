{{ config(tags=['delta']) -}}
-- Which collections lost products since yesterday? Versions are Delta Lake's.
select
    older.collection_id,
    count(*) as lost_products
from {{ ref('collection_products') }} timestamp as of date_sub(current_date(), 1) as older
left anti join {{ ref('collection_products') }} as newer
    on older.collection_id = newer.collection_id and older.product_id = newer.product_id
group by older.collection_id
order by lost_products desc
