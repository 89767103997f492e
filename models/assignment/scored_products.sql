{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

products as (

    select * from {{ ref('products') }}

),

embedded_attributes as (

    select * from {{ ref('embedded_attributes') }}

),

statistics_in_use as (

    select * from {{ ref('statistics_in_use') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

product_embeddings as (

    select * from {{ ref('product_embeddings') }}

),

-- Vectors are many bytes: a million products go to them rather than the vectors to products.
embedded_products as (

    select {{ broadcast_up_to(1000000, 'products', ref('products')) }}
        products.product_id,
        product_embeddings.embedded.image_embedding as embedding
    from products
    inner join product_embeddings on products.image_sha256 = product_embeddings.image_sha256
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    where product_embeddings.embedded.image_embedding is not null

),

attribute_block as (

    select
        collect_list(struct(
            embedded_attributes.attribute_number,
            embedded_attributes.embedding,
            cast(statistics_in_use.frequency_weight * -ln(statistics_in_use.product_share) as float) as bias
        )) as attribute_block
    from embedded_attributes
    inner join statistics_in_use on embedded_attributes.attribute_id = statistics_in_use.attribute_id

),

-- No shuffle stands between this and the function: the rows of a task follow each other.
final as (

    select
        product_id,
        score_product(
            embedding,
            if({{ is_first_of_task() }}, (select attribute_block.attribute_block from attribute_block), null),
            {{ var('scored_attributes') }}
        ) as scores
    from embedded_products

)

select * from final
