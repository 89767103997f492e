with

evaluated_products as (

    select * from {{ ref('evaluated_products') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

product_embeddings as (

    select * from {{ ref('product_embeddings') }}

),

evaluation_text_embeddings as (

    select * from {{ ref('evaluation_text_embeddings') }}

),

image_vectors as (

    select
        product_embeddings.image_sha256,
        product_embeddings.embedded.image_embedding
    from product_embeddings
    inner join encoder_in_use on product_embeddings.encoder_key = encoder_in_use.key
    where product_embeddings.embedded.image_embedding is not null

),

text_vectors as (

    select
        evaluation_text_embeddings.text_key,
        evaluation_text_embeddings.embedded.embedding
    from evaluation_text_embeddings
    inner join encoder_in_use on evaluation_text_embeddings.encoder_key = encoder_in_use.key
    where evaluation_text_embeddings.embedded.embedding is not null

),

product_vectors as (

    select
        evaluated_products.product_id,
        evaluated_products.split,
        image_vectors.image_embedding,
        text_vectors.embedding as text_embedding
    from evaluated_products
    left join image_vectors on evaluated_products.image_sha256 = image_vectors.image_sha256
    left join text_vectors on md5(evaluated_products.text) = text_vectors.text_key

),

-- A product's ranks do not depend on its vector's length, so the sum of the two unit vectors need not be normalised.
modalities as (

    select
        'image' as modality,
        split,
        product_id,
        image_embedding as embedding
    from product_vectors
    where image_embedding is not null
    union all
    select
        'text' as modality,
        split,
        product_id,
        text_embedding as embedding
    from product_vectors
    where text_embedding is not null
    union all
    select
        'fused' as modality,
        split,
        product_id,
        zip_with(image_embedding, text_embedding, (one, other) -> one + other) as embedding
    from product_vectors
    where image_embedding is not null and text_embedding is not null

),

product_blocks as (

    select
        modality,
        split,
        pmod(xxhash64(product_id), 64) as block,
        sort_array(collect_list(struct(product_id, embedding))) as product_block
    from modalities
    group by modality, split, block

),

label_values as (

    select distinct
        facet,
        value
    from stg_labels

),

candidates as (

    select
        text_vectors.embedding,
        concat(label_values.facet, ':', label_values.value) as attribute_id
    from label_values
    inner join text_vectors
        on md5({{ attribute_prompt('label_values.facet', 'label_values.value') }}) = text_vectors.text_key

),

candidate_block as (

    select
        cast(count(*) as int) as candidates,
        sort_array(collect_list(struct(attribute_id, embedding, cast(0 as float) as bias))) as attribute_block
    from candidates

),

final as (

    select
        product_blocks.modality,
        product_blocks.split,
        product_blocks.block,
        candidate_block.candidates,
        score_attributes(
            product_blocks.product_block, candidate_block.attribute_block, candidate_block.candidates
        ) as scores
    from product_blocks
    cross join candidate_block

)

select * from final
