with

combinations_of_two as (

    select * from {{ ref('combinations_of_two') }}

),

{{ extend_combinations('combinations_of_two', 3) }}

select * from final
