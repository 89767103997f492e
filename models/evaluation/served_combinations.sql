with

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

pages as (

    select
        approach,
        combination_id
    from evaluated_collections
    where indexable

),

final as (

    select
        approach,
        combination_id
    from pages
    union distinct
    select
        pages.approach,
        same_products.combination_id
    from pages
    inner join attribute_combinations on pages.combination_id = attribute_combinations.combination_id
    inner join attribute_combinations as same_products
        on attribute_combinations.products_fingerprint = same_products.products_fingerprint
    where pages.approach = 'content_first'

)

select * from final
