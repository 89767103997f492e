with

stg_products as (

    select * from {{ ref('stg_products') }}

),

image_uris as (

    select distinct image_uri
    from stg_products
    where image_uri is not null

),

final as (

    select
        image_uri,
        stat_image(image_uri, {{ setting('PINLANDING_IMAGE_ROOTS') }}) as file
    from image_uris

)

select * from final
