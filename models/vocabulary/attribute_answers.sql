with

extraction_sample as (

    select * from {{ ref('extraction_sample') }}

),

products as (

    select * from {{ ref('products') }}

),

facets as (

    select array_sort(collect_list(facet)) as facets
    from {{ ref('facets') }}
    where searchable

),

-- Distinct contents in as many parts as there are workers: every part ends with its slowest call.
questions as (

    select /*+ repartition */
        products.content_key,
        max(if(products.image_error is null, products.image_uri, null)) as image_uri,
        max(products.title) as title,
        max(products.description) as description,
        max(cast(products.price as string)) as price,
        max(products.tags) as tags
    from extraction_sample
    inner join products on extraction_sample.product_id = products.product_id
    where {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'
    group by products.content_key

),

final as (

    select
        questions.content_key,
        extract_attributes(
            questions.image_uri,
            questions.title,
            questions.description,
            questions.price,
            questions.tags,
            {{ setting('PINLANDING_IMAGE_ROOTS') }},
            facets.facets,
            {{ setting('PINLANDING_MODEL') }},
            {{ setting('PINLANDING_CACHE') }}
        ) as answer
    from questions
    cross join facets

)

select * from final
