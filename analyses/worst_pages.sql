-- Which pages list wrong products, by whom are they judged, and what do they promise?
select
    collections.slug,
    collections.title,
    judgements.judge,
    judgements.precision,
    judgements.products as judged_products
from {{ ref('collection_judgements') }} as judgements
inner join {{ ref('collections') }} as collections on judgements.collection_id = collections.collection_id
where judgements.approach = 'content_first' and judgements.facet = 'all'
order by judgements.precision asc, judgements.products desc
