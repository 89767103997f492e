{{ config(tags=['challenge']) }}

with

challenge_evidence as (

    select * from {{ ref('challenge_evidence') }}

),

final as (

    select
        combination_id,
        title_collection(attributes, evidence) as titled
    from challenge_evidence

)

select * from final
