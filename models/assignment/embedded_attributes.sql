with

attributes as (

    select * from {{ ref('attributes') }}

),

attribute_embeddings as (

    select * from {{ ref('attribute_embeddings') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

embedded as (

    select
        attributes.attribute_id,
        attributes.facet,
        attribute_embeddings.embedded.embedding
    from attributes
    inner join attribute_embeddings
        on
            attributes.facet = attribute_embeddings.facet
            and attributes.value = attribute_embeddings.value
            and {{ attribute_prompt('attributes.facet', 'attributes.value') }} = attribute_embeddings.prompt
    inner join encoder_in_use on attribute_embeddings.encoder_key = encoder_in_use.key
    where attribute_embeddings.embedded.embedding is not null

),

final as (

    select
        *,
        cast(row_number() over (order by attribute_id) as int) as attribute_number
    from embedded

)

select * from final
