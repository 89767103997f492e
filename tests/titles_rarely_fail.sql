-- One row when more titles failed than max_failure_share allows.
with

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

counted as (

    select
        count(*) as combinations,
        count_if(titled.error is not null) as failed
    from titled_combinations

)

select * from counted
where failed > {{ var('max_failure_share') }} * combinations
