{#- Our setting: on so many products the weight is fitted; a thousand tell weights apart that matter. -#}
{%- set fitted_products = 5000 -%}
with

products as (

    select * from {{ ref('products') }}

),

embedded_attributes as (

    select * from {{ ref('embedded_attributes') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

product_embeddings as (

    select * from {{ ref('product_embeddings') }}

),

-- As in threshold_fits: an encoder trained elsewhere has seen none of these products.
judging_products as (

    select
        products.product_id,
        products.image_sha256
    from products
    inner join product_embeddings on products.image_sha256 = product_embeddings.image_sha256
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    where
        product_embeddings.embedded.image_embedding is not null
        and (products.split = 'validation' or (products.split = 'train' and not encoder_in_use.trained_here))

),

-- Chosen without their vectors, which are fetched for these few only.
drawn as (

    select
        product_id,
        image_sha256,
        row_number() over (order by xxhash64(product_id) asc, product_id asc) as place
    from (
        select * from judging_products
        order by xxhash64(product_id) asc, product_id asc
        limit {{ fitted_products }}
    ) as first_products

),

product_blocks as (

    select
        cast(drawn.place / 1024 as int) as block,
        sort_array(collect_list(struct(
            drawn.product_id, product_embeddings.embedded.image_embedding as embedding
        ))) as product_block
    from drawn
    inner join product_embeddings on drawn.image_sha256 = product_embeddings.image_sha256
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    group by cast(drawn.place / 1024 as int)

),

attribute_block as (

    select sort_array(collect_list(struct(attribute_id, embedding))) as attribute_block
    from embedded_attributes

),

final as (

    select
        product_blocks.block,
        score_attributes(
            product_blocks.product_block, attribute_block.attribute_block, {{ var('scored_attributes') }}
        ) as scores
    from product_blocks
    cross join attribute_block

)

select * from final
