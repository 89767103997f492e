{{ config(materialized='view') }}

with

collections as (

    select * from {{ ref('collections') }}

),

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

collection_products as (

    select * from {{ ref('collection_products') }}

),

products as (

    select * from {{ ref('products') }}

),

title_answers as (

    select * from {{ ref('title_answers') }}

),

vocabulary_review_answers as (

    select * from {{ ref('vocabulary_review_answers') }}

),

attribute_answers as (

    select * from {{ ref('attribute_answers') }}

),

made_by as (

    select
        collections.collection_id,
        'title_collection' as stage,
        title_answers.answer.calls
    from collections
    inner join title_answers on collections.collection_id = title_answers.combination_id
    union all
    select
        collection_attributes.collection_id,
        'review_attribute' as stage,
        vocabulary_review_answers.answer.calls
    from collection_attributes
    inner join vocabulary_review_answers
        on
            collection_attributes.facet = vocabulary_review_answers.facet
            and collection_attributes.value = vocabulary_review_answers.value
    union all
    select
        collection_products.collection_id,
        'extract_attributes' as stage,
        attribute_answers.answer.calls
    from collection_products
    inner join products on collection_products.product_id = products.product_id
    inner join attribute_answers on products.content_key = attribute_answers.content_key

),

final as (

    select distinct
        made_by.collection_id,
        made_by.stage,
        asked.call.key
    from made_by
        lateral view explode(made_by.calls) asked as call

)

select * from final
