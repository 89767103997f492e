with

combinations_of_three as (

    select * from {{ ref('combinations_of_three') }}

),

{{ extend_combinations('combinations_of_three', 4) }}

select * from final
