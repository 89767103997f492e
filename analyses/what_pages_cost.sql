-- What did each page cost in model calls? A call that made several pages counts in full for each.
select
    made_by.collection_id,
    count(*) as calls,
    sum(ledger.usd) as usd
from {{ ref('collection_calls') }} as made_by
inner join {{ ref('llm_calls') }} as ledger on made_by.stage = ledger.stage and made_by.key = ledger.key
group by made_by.collection_id
order by usd desc
