with

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

search_log_matches as (

    select * from {{ ref('search_log_matches') }}

),

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

found_by_query as (

    select
        query,
        {{ set_fingerprint('product_id', 'true') }} as products_fingerprint
    from search_log_matches
    group by query

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
        found_by_query.products_fingerprint
    from found_by_query
    inner join search_query_attributes on found_by_query.query = search_query_attributes.query

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
