{#- Our setting: how many of a value's nearest are looked at. -#}
{%- set nearest_values = 5 -%}
{{ config(materialized='ephemeral') }}

with

vocabulary_centres as (

    select * from {{ ref('vocabulary_centres') }}

),

attribute_embeddings as (

    select * from {{ ref('attribute_embeddings') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

embedded as (

    select
        vocabulary_centres.facet,
        collect_list(
            struct(vocabulary_centres.value as product_id, attribute_embeddings.embedded.embedding as embedding)
        ) as block,
        collect_list(
            struct(
                vocabulary_centres.value as attribute_id,
                attribute_embeddings.embedded.embedding as embedding,
                cast(0 as float) as bias
            )
        ) as compared_block
    from vocabulary_centres
    inner join attribute_embeddings
        on
            vocabulary_centres.facet = attribute_embeddings.facet
            and vocabulary_centres.value = attribute_embeddings.value
            and attribute_embeddings.prompt
            = {{ attribute_prompt('vocabulary_centres.facet', 'vocabulary_centres.value') }}
    inner join encoder_in_use on attribute_embeddings.encoder_key = encoder_in_use.text_key
    -- The sample's encoder knows the words of the sample only.
    where attribute_embeddings.embedded.embedding is not null and encoder_in_use.text_location != 'sample'
    group by vocabulary_centres.facet

),

scored as (

    select
        facet,
        score_attributes(block, compared_block, {{ nearest_values + 1 }}) as scores
    from embedded

),

near as (

    select
        facet,
        inline(scores) as (value, candidate, similarity)
    from scored

),

final as (

    select
        facet,
        value,
        candidate,
        'a near meaning' as evidence,
        cast(similarity as double) as similarity
    from near
    where value != candidate and similarity >= {{ var('synonym_similarity') }}

)

select * from final
