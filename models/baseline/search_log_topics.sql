with

search_log_product_sets as (

    select * from {{ ref('search_log_product_sets') }}

),

search_log_combinations as (

    select * from {{ ref('search_log_combinations') }}

),

search_log_titles as (

    select * from {{ ref('search_log_titles') }}

),

final as (

    select
        search_log_product_sets.query,
        search_log_product_sets.combination_id,
        search_log_product_sets.searches,
        search_log_product_sets.products,
        search_log_product_sets.products_fingerprint,
        search_log_combinations.attributes,
        search_log_titles.titled.title,
        search_log_titles.titled.quality as quality_score,
        search_log_titles.titled.quality_source
    from search_log_product_sets
    inner join search_log_combinations
        on search_log_product_sets.combination_id = search_log_combinations.combination_id
    inner join search_log_titles on search_log_product_sets.combination_id = search_log_titles.combination_id
    where
        search_log_titles.titled.valid
        and search_log_titles.titled.quality >= {{ var('min_quality') }}

)

select * from final
