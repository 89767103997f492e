-- Which collections lost products since the last release of before today?
with before_today as (
    select max(release) as release from {{ ref('collection_history') }}
    where to_date(left(release, 10)) < {{ run_date() }}
)

select
    older.collection_id,
    older.products,
    coalesce(newer.products, 0) as products_now
from {{ ref('collection_history') }} as older
inner join before_today on older.release = before_today.release
left join {{ ref('landing_pages') }} as newer on older.collection_id = newer.collection_id
where coalesce(newer.products, 0) < older.products
