-- Which decisions about the vocabulary would matter most?
select
    place,
    facet,
    value,
    products,
    candidate,
    suggested_decision
from {{ ref('review_queue') }}
order by place
