-- What did the last build change, and by how much? The largest changes of whole figures first.
select
    metric,
    entity,
    value_before,
    value_after,
    value_after - value_before as difference
from {{ ref('metric_changes') }}
where slice = 'all' and value_after is distinct from value_before
order by abs(value_after - value_before) / nullif(abs(value_before), 0) desc
