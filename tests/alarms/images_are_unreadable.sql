-- One row when a larger share of the products' images than the alarm allows cannot be read.
with

products as (

    select * from {{ ref('products') }}

),

counted as (

    select
        count_if(image_uri is not null) as images,
        count_if(image_error is not null) as unreadable
    from products

),

final as (

    select
        *,
        if(unreadable > {{ var('alarm_unreadable_images')[1] }} * images, 2, 1) as alarm_level
    from counted
    where unreadable > {{ var('alarm_unreadable_images')[0] }} * images

)

select * from final
