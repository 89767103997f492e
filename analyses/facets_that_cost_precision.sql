-- Which facet makes pages wrong by labels, and how much of it comes from the encoder?
select
    judged.facet,
    judged.precision,
    judged.judged as collections,
    count_if(pairs.source = 'encoder') / count(*) as share_by_encoder
from {{ ref('collection_precision_by_facet') }} as judged
inner join {{ ref('product_attributes') }} as pairs on judged.facet = pairs.facet
where judged.approach = 'content_first' and judged.judge = 'labels' and judged.k = 10
group by judged.facet, judged.precision, judged.judged
order by judged.precision
