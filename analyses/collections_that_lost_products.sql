-- Which collections lost products since the last release of before today?
with before_today as (
    select max(release) as release from {{ ref('collection_history') }}
    where to_date(left(release, 10)) < {{ run_date() }}
)

select
    was.collection_id,
    was.products,
    coalesce(page.products, 0) as products_now
from {{ ref('collection_history') }} as was
inner join before_today on was.release = before_today.release
left join {{ ref('landing_pages') }} as page on was.collection_id = page.collection_id and page.status != 'retired'
where coalesce(page.products, 0) < was.products
