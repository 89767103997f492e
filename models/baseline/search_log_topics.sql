with

search_log_matches as (

    select * from {{ ref('search_log_matches') }}

),

search_log_combinations as (

    select * from {{ ref('search_log_combinations') }}

),

search_log_titles as (

    select * from {{ ref('search_log_titles') }}

),

pages as (

    select
        query,
        combination_id,
        searches,
        count(*) as products,
        {{ set_fingerprint('product_id', 'true') }} as products_fingerprint
    from search_log_matches
    group by query, combination_id, searches

),

final as (

    select
        pages.*,
        search_log_combinations.attributes,
        search_log_titles.titled.title,
        search_log_titles.titled.quality as quality_score,
        search_log_titles.titled.quality_source
    from pages
    inner join search_log_combinations on pages.combination_id = search_log_combinations.combination_id
    inner join search_log_titles on pages.combination_id = search_log_titles.combination_id
    where
        search_log_titles.titled.valid
        and search_log_titles.titled.quality >= {{ var('min_quality') }}

)

select * from final
