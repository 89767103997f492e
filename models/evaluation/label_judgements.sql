{{ config(materialized='ephemeral') }}

{%- set k = 10 -%}
with

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

evaluated_collection_products as (

    select * from {{ ref('evaluated_collection_products') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

judgeable_values as (

    select * from {{ ref('judgeable_values') }}

),

learned_labels as (

    select * from {{ ref('learned_labels') }}

),

collection_facets as (

    select
        approach,
        collection_id,
        inline(attributes) as (attribute_id, facet, value)
    from evaluated_collections

),

-- What an encoder learned is not judged: a page is judged by the first products that are left.
judgeable_products as (

    select
        evaluated_collection_products.approach,
        evaluated_collection_products.collection_id,
        evaluated_collection_products.product_id,
        row_number() over (
            partition by evaluated_collection_products.approach, evaluated_collection_products.collection_id
            order by evaluated_collection_products.rank asc
        ) as place
    from evaluated_collection_products
    left anti join learned_labels on evaluated_collection_products.product_id = learned_labels.product_id

),

top_products as (

    select *
    from judgeable_products
    where place <= {{ k }}

),

-- The joins leave out the values that labels do not know, and the facets in which a product has no label.
judged as (

    select
        top_products.approach,
        top_products.collection_id,
        top_products.product_id,
        collection_facets.facet,
        bool_and(array_contains(label_cells.label_values, judgeable_values.judged_value)) as correct
    from top_products
    inner join collection_facets
        on
            top_products.approach = collection_facets.approach
            and top_products.collection_id = collection_facets.collection_id
    inner join judgeable_values
        on
            collection_facets.facet = judgeable_values.facet
            and collection_facets.value = judgeable_values.value
    inner join label_cells
        on
            top_products.product_id = label_cells.product_id
            and collection_facets.facet = label_cells.facet
    group by top_products.approach, top_products.collection_id, top_products.product_id, collection_facets.facet

),

final as (

    select
        approach,
        collection_id,
        product_id,
        'all' as facet,
        'labels' as judge,
        bool_and(correct) as correct
    from judged
    group by approach, collection_id, product_id
    union all
    select
        approach,
        collection_id,
        product_id,
        facet,
        'labels' as judge,
        correct
    from judged

)

select * from final
