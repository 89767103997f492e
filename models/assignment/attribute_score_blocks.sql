{#- Each block takes the vocabulary along: few large ones are fast, smaller ones where there are fewer than tasks. -#}
{%- set largest_block, smallest_block = 8192, 1024 -%}
with

products as (

    select * from {{ ref('products') }}

),

attributes as (

    select * from {{ ref('attributes') }}

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

attribute_embeddings as (

    select * from {{ ref('attribute_embeddings') }}

),

embedded_products as (

    select
        products.product_id,
        product_embeddings.embedded.image_embedding as embedding
    from products
    inner join product_embeddings on products.image_sha256 = product_embeddings.image_sha256
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    where product_embeddings.embedded.image_embedding is not null

),

embedded_attributes as (

    select
        attributes.attribute_id,
        attribute_embeddings.embedded.embedding,
        cast(statistics_in_use.frequency_weight * -ln(statistics_in_use.product_share) as float) as bias
    from attributes
    inner join statistics_in_use on attributes.attribute_id = statistics_in_use.attribute_id
    inner join attribute_embeddings
        on
            attributes.facet = attribute_embeddings.facet
            and attributes.value = attribute_embeddings.value
            and {{ attribute_prompt('attributes.facet', 'attributes.value') }} = attribute_embeddings.prompt
    inner join encoder_in_use on attribute_embeddings.encoder_key = encoder_in_use.key
    where attribute_embeddings.embedded.embedding is not null

),

block_count as (

    select
        greatest(
            1,
            ceil(count(*) / {{ largest_block }}),
            least({{ embedding_tasks() }}, ceil(count(*) / {{ smallest_block }}))
        ) as blocks
    from embedded_products

),

product_blocks as (

    select
        pmod(xxhash64(embedded_products.product_id), block_count.blocks) as block,
        sort_array(collect_list(struct(embedded_products.product_id, embedded_products.embedding))) as product_block
    from embedded_products
    cross join block_count
    group by block

),

attribute_block as (

    select sort_array(collect_list(struct(attribute_id, embedding, bias))) as attribute_block
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
