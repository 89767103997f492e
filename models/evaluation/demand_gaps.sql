with

search_log_combinations as (

    select * from {{ ref('search_log_combinations') }}

),

served_combinations as (

    select * from {{ ref('served_combinations') }}

),

combination_statistics as (

    select * from {{ ref('combination_statistics') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

served as (

    select combination_id
    from served_combinations
    where approach = 'content_first'

),

unserved as (

    select search_log_combinations.*
    from search_log_combinations
    left anti join served on search_log_combinations.combination_id = served.combination_id

),

explained as (

    select
        unserved.*,
        case
            when size(unserved.attributes) < {{ var('min_combination_size') }}
                then 'names one attribute only: a collection has at least {{ var("min_combination_size") }}'
            when not array_contains(unserved.attributes.facet, 'product_type')
                then 'names no product type'
            when size(array_distinct(unserved.attributes.facet)) < size(unserved.attributes)
                then 'names two values of one facet'
            when size(unserved.attributes) > {{ var('max_combination_size') }}
                then 'names more than {{ var("max_combination_size") }} attributes'
            when unserved.carriers = 0
                then 'no product carries all of it'
            when unserved.carriers < {{ var('min_collection_size') }}
                then concat(
                    'products that carry all of it: ', unserved.carriers, ' of {{ var("min_collection_size") }} needed'
                )
            when combination_statistics.items < {{ var('min_collection_size') }}
                then concat(
                    'items in stock that are relevant enough: ', combination_statistics.items,
                    ' of {{ var("min_collection_size") }} needed'
                )
            when not titled_combinations.titled.valid or titled_combinations.titled.quality < {{ var('min_quality') }}
                then concat_ws(
                    ': ',
                    concat(
                        'quality ', round(titled_combinations.titled.quality, 1), ' of {{ var("min_quality") }} needed'
                    ),
                    nullif(array_join(titled_combinations.titled.problems, '; '), '')
                )
            when titled_combinations.titled.valid
                then 'its page is not indexable: a near-duplicate, or another page has its title'
            else 'the combination was not titled'
        end as reason
    from unserved
    left join combination_statistics on unserved.combination_id = combination_statistics.combination_id
    left join titled_combinations on unserved.combination_id = titled_combinations.combination_id

),

final as (

    select
        combination_id,
        attributes,
        commonest_query as query,
        queries,
        searches,
        carriers,
        reason
    from explained

)

select * from final
