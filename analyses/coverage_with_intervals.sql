-- How much more do we cover than the search log would, and is it as precise?
select
    coverage.approach,
    coverage.topics,
    coverage.product_share,
    judged.judge,
    judged.precision,
    judged.low,
    judged.high
from {{ ref('topic_coverage') }} as coverage
left join {{ ref('collection_precision') }} as judged on coverage.approach = judged.approach and judged.k = 10
where coverage.product_type = 'all'
order by judged.judge, coverage.approach
