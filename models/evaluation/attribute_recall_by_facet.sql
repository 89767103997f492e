with

attribute_recall_by_group as (

    select * from {{ ref('attribute_recall_by_group') }}

),

final as (

    select
        split,
        modality,
        slice as facet,
        k,
        recall,
        mean_average_precision,
        pairs,
        products
    from attribute_recall_by_group
    where dimension = 'facet'

)

select * from final
