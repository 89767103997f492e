with

search_log_evidence as (

    select * from {{ ref('search_log_evidence') }}

),

search_log_product_sets as (

    select * from {{ ref('search_log_product_sets') }}

),

asked as (

    select distinct combination_id
    from search_log_product_sets

),

large_enough as (

    select search_log_evidence.*
    from search_log_evidence
    left semi join asked on search_log_evidence.combination_id = asked.combination_id

),

final as (

    select
        combination_id,
        title_collection(attributes, evidence) as titled
    from large_enough

)

select * from final
