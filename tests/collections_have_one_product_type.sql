-- Collections without exactly one product type, with two values of a facet, or of a size that the variables exclude.
with

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

final as (

    select collection_id
    from collection_attributes
    group by collection_id
    having
        count_if(facet = 'product_type') <> 1
        or count(distinct facet) <> count(*)
        or count(*) not between {{ var('min_combination_size') }} and {{ var('max_combination_size') }}

)

select * from final
