with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

decided as (

    select
        vocabulary_decisions.facet,
        vocabulary_decisions.value,
        coalesce(targets.state, vocabulary_decisions.state) as state
    from vocabulary_decisions
    left join vocabulary_decisions as targets
        on vocabulary_decisions.facet = targets.facet and vocabulary_decisions.merged_into = targets.value

),

final as (

    select distinct
        extracted_attributes.product_id,
        extracted_attributes.facet
    from extracted_attributes
    inner join decided
        on extracted_attributes.facet = decided.facet and extracted_attributes.value = decided.value
    where decided.state not in ('too rare', 'unsafe')

)

select * from final
