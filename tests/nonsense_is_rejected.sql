{{ config(tags=['challenge']) }}

-- One row when more than 5 % of the combinations that were thrown together or contradict themselves would be published.
with

challenge_titles as (

    select * from {{ ref('challenge_titles') }}

),

counted as (

    select
        count(*) as combinations,
        count_if(titled.valid and titled.quality >= {{ var('min_quality') }}) as published,
        count_if(titled.error is not null) as failed
    from challenge_titles

)

select * from counted
where published > 0.05 * combinations or failed > 0
