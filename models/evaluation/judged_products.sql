with

label_judgements as (

    select * from {{ ref('label_judgements') }}

),

model_judgements as (

    select * from {{ ref('model_judgements') }}

),

people_judgements as (

    select * from {{ ref('people_judgements') }}

),

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

-- A model and people judge the whole title.
by_title as (

    select * from model_judgements
    union all
    select * from people_judgements

),

page_facets as (

    select
        approach,
        collection_id,
        explode(transform(attributes, attribute -> attribute.facet)) as facet
    from evaluated_collections

),

collection_facets as (

    select distinct
        approach,
        collection_id,
        facet
    from page_facets

),

by_facet as (

    select
        by_title.approach,
        by_title.collection_id,
        by_title.product_id,
        collection_facets.facet,
        by_title.judge,
        by_title.correct
    from by_title
    inner join collection_facets
        on by_title.approach = collection_facets.approach and by_title.collection_id = collection_facets.collection_id

),

all_judges as (

    select * from label_judgements
    union all
    select * from by_title
    union all
    select * from by_facet

),

final as (

    select
        approach,
        collection_id,
        product_id,
        facet,
        judge,
        correct,
        10 as k
    from all_judges

)

select * from final
