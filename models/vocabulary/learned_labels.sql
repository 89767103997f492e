with

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

products as (

    select * from {{ ref('products') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

facets as (

    select * from {{ ref('facets') }}

),

final as (

    select
        stg_labels.product_id,
        stg_labels.facet,
        stg_labels.value
    from stg_labels
    inner join products on stg_labels.product_id = products.product_id
    left semi join facets on stg_labels.facet = facets.facet
    cross join encoder_in_use
    where
        encoder_in_use.trained_on = 'labels'
        and encoder_in_use.trained_here
        and products.split != 'test'

)

select * from final
