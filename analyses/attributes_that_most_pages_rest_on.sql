-- Which attributes carry most pages, so that an error in them is dear?
select
    attributes.facet,
    attributes.value,
    attributes.products,
    count(*) as collections
from {{ ref('collection_attributes') }} as carried
inner join {{ ref('attributes') }} as attributes on carried.attribute_id = attributes.attribute_id
group by attributes.facet, attributes.value, attributes.products
order by collections desc
