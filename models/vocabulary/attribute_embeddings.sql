{{ config(materialized='incremental', unique_key=['facet', 'value', 'prompt', 'encoder_key']) }}

with

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

value_reviews as (

    select * from {{ ref('value_reviews') }}

),

products as (

    select * from {{ ref('products') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

any_image as (

    select max(image_sha256) is not null as is_found
    from products

),

reviewed as (

    select
        facet,
        value,
        {{ normalized_value("regexp_replace(decision, '^merge:', '')") }} as target_value
    from value_reviews

),

frequent as (

    select
        facet,
        centre as value
    from vocabulary_spellings
    group by facet, centre
    having sum(products) >= {{ var('min_attribute_products') }}

),

possible as (

    select
        facet,
        value
    from frequent
    union distinct
    select
        facet,
        value
    from reviewed
    union distinct
    select
        facet,
        target_value as value
    from reviewed

),

encoders as (

    select
        encoder_in_use.key as encoder_key,
        encoder_in_use.location
    from encoder_in_use
    cross join any_image
    where any_image.is_found
    union distinct
    select
        encoder_in_use.text_key as encoder_key,
        encoder_in_use.text_location as location
    from encoder_in_use
    cross join any_image
    where any_image.is_found or {{ setting('PINLANDING_TEXT_ENCODER') }} != ''

),

wanted as (

    select
        possible.facet,
        possible.value,
        {{ attribute_prompt('possible.facet', 'possible.value') }} as prompt,
        encoders.encoder_key,
        encoders.location
    from possible
    cross join encoders

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
