with

products as (

    select * from {{ ref('products') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

labelled as (

    select products.*
    from products
    left semi join stg_labels on products.product_id = stg_labels.product_id

),

shuffled as (

    select
        *,
        row_number() over (order by xxhash64(product_id) asc, product_id asc) as place
    from labelled

),

sampled as (

    select *
    from shuffled
    where place <= {{ var('evaluation_products') }}

),

final as (

    select
        sampled.product_id,
        sampled.image_sha256,
        if(encoder_in_use.trained_here, sampled.split, 'test') as split,
        concat_ws('. ', sampled.title, sampled.description) as text
    from sampled
    cross join encoder_in_use

)

select * from final
