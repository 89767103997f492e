{{ config(
    pre_hook="{{ stop_when_products_drop(this, ref('stg_products')) }}",
    post_hook="{{ record_catalog(this) }}",
) }}

with

stg_products as (

    select * from {{ ref('stg_products') }}

),

stg_image_files as (

    select * from {{ ref('stg_image_files') }}

),

stg_images as (

    select * from {{ ref('stg_images') }}

),

-- A file that was tried more than once counts by the attempt that could read it.
images as (

    select
        stg_image_files.image_uri,
        max(stg_images.image.sha256) as sha256,
        coalesce(
            max(stg_image_files.file.error), if(max(stg_images.image.sha256) is null, max(stg_images.image.error), null)
        ) as error
    from stg_image_files
    left join stg_images
        on
            stg_image_files.image_uri = stg_images.image_uri
            and stg_image_files.file.size <=> stg_images.size
            and stg_image_files.file.modified <=> stg_images.modified
    group by stg_image_files.image_uri

),

joined as (

    select
        stg_products.*,
        images.error as image_error,
        if(images.error is null, images.sha256, null) as image_sha256
    from stg_products
    left join images on stg_products.image_uri = images.image_uri

),

grouped as (

    select
        joined.* except (group_id),
        coalesce(group_id, product_id) as item_id,
        coalesce(group_id, image_sha256, md5(lower(title))) as group_id
    from joined

),

final as (

    select
        product_id,
        group_id,
        item_id,
        title,
        description,
        brand,
        price,
        currency,
        url,
        image_uri,
        in_stock,
        tags,
        image_sha256,
        image_error,
        warning,
        catalog_attributes,
        coalesce(
            split,
            case pmod(xxhash64(group_id), 10) when 8 then 'validation' when 9 then 'test' else 'train' end
        ) as split,
        md5(concat_ws('\n', coalesce(image_sha256, ''), title, coalesce(description, ''))) as content_key
    from grouped

)

select * from final
