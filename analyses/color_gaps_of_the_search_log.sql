-- Which color gaps does our search log show? Colors people search for in a combination that no page serves.
select
    color.value as color,
    sum(demand_gaps.searches) as searches,
    count(*) as combinations,
    max_by(demand_gaps.query, demand_gaps.searches) as commonest_query,
    max_by(demand_gaps.reason, demand_gaps.searches) as its_reason
from {{ ref('demand_gaps') }} as demand_gaps
    lateral view explode(filter(demand_gaps.attributes, one -> one.facet = 'color')) exploded as color
group by color.value
order by searches desc
