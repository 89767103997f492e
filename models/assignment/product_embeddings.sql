{{ config(materialized='incremental', unique_key=['image_sha256', 'encoder_key']) }}

with

products as (

    select * from {{ ref('products') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

images as (

    select
        image_sha256,
        min(image_uri) as image_uri
    from products
    where image_sha256 is not null
    group by image_sha256

),

wanted as (

    select
        images.image_sha256,
        images.image_uri,
        encoder_in_use.key as encoder_key,
        encoder_in_use.location
    from images
    cross join encoder_in_use

),

missing as (

    select {{ spread_rows() }} wanted.*
    from wanted
    {% if is_incremental() %}
        left anti join {{ this }} as known
            on
                wanted.image_sha256 = known.image_sha256
                and wanted.encoder_key = known.encoder_key
                and known.embedded.error is null
    {% endif %}

),

final as (

    select
        image_sha256,
        encoder_key,
        embed_product(
            image_uri,
            cast(null as string),
            cast(null as string),
            {{ setting('PINLANDING_IMAGE_ROOTS') }},
            location
        ) as embedded
    from missing

)

select * from final
