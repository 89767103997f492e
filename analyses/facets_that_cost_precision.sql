-- Which facet makes pages wrong, and from which source do its values come?
select
    judged.facet,
    judged.precision,
    judged.low,
    judged.judged as collections,
    count_if(pairs.source = 'encoder') / count(*) as share_by_encoder
from {{ ref('collection_precision_by_facet') }} as judged
inner join {{ ref('product_attributes') }} as pairs on judged.facet = pairs.facet
where judged.approach = 'content_first' and judged.k = 10
group by all
order by judged.precision
