with

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

search_log_product_sets as (

    select * from {{ ref('search_log_product_sets') }}

),

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

-- What each approach could have made a page of, with the products that it would have listed.
candidates as (

    select
        'content_first' as approach,
        combination_id as demand_id,
        products_fingerprint
    from attribute_combinations
    union all
    select
        'search_log' as approach,
        search_query_attributes.demand_id,
        search_log_product_sets.products_fingerprint
    from search_log_product_sets
    inner join search_query_attributes on search_log_product_sets.query = search_query_attributes.query

),

pages as (

    select
        approach,
        demand_id
    from evaluated_collections
    where indexable

),

final as (

    select
        approach,
        demand_id
    from pages
    union distinct
    select
        pages.approach,
        same_products.demand_id
    from pages
    inner join candidates on pages.approach = candidates.approach and pages.demand_id = candidates.demand_id
    inner join candidates as same_products
        on
            candidates.approach = same_products.approach
            and candidates.products_fingerprint = same_products.products_fingerprint

)

select * from final
