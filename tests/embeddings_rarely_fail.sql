-- More than max_failure_share of the readable images have no embedding of the encoder in use.
with

products as (

    select * from {{ ref('products') }}

),

product_embeddings as (

    select * from {{ ref('product_embeddings') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

embedded as (

    select product_embeddings.image_sha256
    from product_embeddings
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    where product_embeddings.embedded.image_embedding is not null

),

counted as (

    select
        count(distinct products.image_sha256) as images,
        count(distinct if(embedded.image_sha256 is null, products.image_sha256, null)) as failed
    from products
    left join embedded on products.image_sha256 = embedded.image_sha256

),

final as (

    select *
    from counted
    where failed > {{ var('max_failure_share') }} * images

)

select * from final
