-- A value without a state, or merged into one that is not there or is merged itself.
with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

named_values as (

    select
        facet,
        value
    from extracted_attributes
    group by facet, value

),

stateless as (

    select
        named_values.facet,
        named_values.value,
        'has no state' as problem
    from named_values
    left join vocabulary_decisions
        on named_values.facet = vocabulary_decisions.facet and named_values.value = vocabulary_decisions.value
    where vocabulary_decisions.state is null

),

astray as (

    select
        vocabulary_decisions.facet,
        vocabulary_decisions.value,
        'is merged into what is no value of its own' as problem
    from vocabulary_decisions
    left join vocabulary_decisions as targets
        on vocabulary_decisions.facet = targets.facet and vocabulary_decisions.merged_into = targets.value
    where
        (vocabulary_decisions.state = 'merged') != (vocabulary_decisions.merged_into is not null)
        or (vocabulary_decisions.merged_into is not null and coalesce(targets.state = 'merged', true))

)

select * from stateless
union all
select * from astray
