with

combination_evidence as (

    select * from {{ ref('combination_evidence') }}

),

final as (

    select
        combination_id,
        title_collection(attributes, evidence) as titled
    from combination_evidence

)

select * from final
