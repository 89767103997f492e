{{ config(materialized='incremental', unique_key=['facet', 'value', 'prompt', 'encoder_key']) }}

with

attributes as (

    select * from {{ ref('attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

any_image as (

    select max(image_sha256) as image_sha256
    from products
    having max(image_sha256) is not null

),

wanted as (

    select
        attributes.facet,
        attributes.value,
        {{ attribute_prompt('attributes.facet', 'attributes.value') }} as prompt,
        encoder_in_use.key as encoder_key,
        encoder_in_use.location
    from attributes
    cross join encoder_in_use
    cross join any_image

),

missing as (

    select {{ spread_rows() }} wanted.*
    from wanted
    {% if is_incremental() %}
        left anti join {{ this }} as known
            on
                wanted.facet = known.facet
                and wanted.value = known.value
                and wanted.prompt = known.prompt
                and wanted.encoder_key = known.encoder_key
                and known.embedded.error is null
    {% endif %}

),

final as (

    select
        facet,
        value,
        prompt,
        encoder_key,
        embed_text(prompt, location) as embedded
    from missing

)

select * from final
