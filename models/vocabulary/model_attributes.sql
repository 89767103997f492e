with

attribute_answers as (

    select * from {{ ref('attribute_answers') }}

),

products as (

    select * from {{ ref('products') }}

),

extraction_sample as (

    select * from {{ ref('extraction_sample') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

answered as (

    select
        products.product_id,
        named.attribute.facet,
        'model' as evidence,
        {{ normalized_value('named.attribute.value') }} as value
    from attribute_answers
    inner join products on attribute_answers.content_key = products.content_key
    inner join extraction_sample on products.product_id = extraction_sample.product_id
        lateral view explode(attribute_answers.answer.attributes) named as attribute

),

final as (

    select distinct
        answered.product_id,
        answered.facet,
        answered.evidence,
        -- Our setting: what a model names from picture and text is taken as seldom wrong.
        cast(0.95 as double) as confidence,
        coalesce(closed_lexicon.spelling, answered.value) as value
    from answered
    left join closed_lexicon
        on answered.facet = closed_lexicon.facet and {{ match_key('answered.value') }} = closed_lexicon.phrase
    where answered.value rlike '\\p{L}'

)

select * from final
