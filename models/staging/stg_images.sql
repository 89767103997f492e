{{ config(materialized='incremental', unique_key=['image_uri', 'size', 'modified']) }}

with

stg_image_files as (

    select * from {{ ref('stg_image_files') }}

),

files as (

    select
        stg_image_files.image_uri,
        stg_image_files.file.size,
        stg_image_files.file.modified
    from stg_image_files
    where stg_image_files.file.error is null

),

new_files as (

    select files.*
    from files
    {% if is_incremental() %}
        left anti join {{ this }} as known
            on
                files.image_uri = known.image_uri
                and files.size <=> known.size
                and files.modified <=> known.modified
                -- What the way to the file failed on may pass; what is in the file stays.
                and not coalesce(known.image.error rlike '^image (cannot be read|not found)', false)
    {% endif %}

),

final as (

    select
        image_uri,
        size,
        modified,
        inspect_image(image_uri, {{ setting('PINLANDING_IMAGE_ROOTS') }}) as image
    from new_files

)

select * from final
