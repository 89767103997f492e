{#- Our setting: products whose requests are measured; the others count as their mean. -#}
{%- set measured_products = 100 -%}
with

questions as (

    {{ extraction_questions(ref) }}

),

facets as (

    {{ asked_facets(ref) }}

),

measured as (

    select *
    from questions
    order by xxhash64(content_key), content_key
    limit {{ measured_products }}

),

final as (

    select
        measured.content_key,
        -- Nothing is stored there, so that bought answers have a price too.
        estimate_extract_attributes(
            measured.image_uri,
            measured.title,
            measured.description,
            measured.price,
            measured.tags,
            {{ setting('PINLANDING_IMAGE_ROOTS') }},
            facets.facets,
            coalesce(nullif({{ setting('PINLANDING_MODEL') }}, ''), 'any'),
            'memory:///'
        ) as request
    from measured
    cross join facets

)

select * from final
