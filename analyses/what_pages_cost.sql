-- What did the pages cost in model calls? A call that made several pages counts for each in part.
select
    calls.collection_id,
    sum(ledger.usd / calls.pages) as usd,
    count(*) as calls
from (
    select *, count(*) over (partition by stage, key) as pages
    from {{ ref('collection_calls') }}
) as calls
inner join {{ ref('llm_calls') }} as ledger on calls.stage = ledger.stage and calls.key = ledger.key
group by calls.collection_id
order by usd desc
