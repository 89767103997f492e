with recursive

value_generalizations as (

    select * from {{ ref('value_generalizations') }}

),

-- A limit of generations ends a circle that people wrote into the seed.
implications (facet, value, implied_value, generation) as (

    select
        facet,
        value,
        parent as implied_value,
        1 as generation
    from value_generalizations

    union all

    select
        implications.facet,
        implications.value,
        value_generalizations.parent as implied_value,
        implications.generation + 1 as generation
    from implications
    inner join value_generalizations
        on
            implications.facet = value_generalizations.facet
            and implications.implied_value = value_generalizations.value
    where implications.generation < 5

),

final as (

    select
        facet,
        value,
        implied_value,
        min(generation) as generation
    from implications
    where value != implied_value
    group by facet, value, implied_value

)

select * from final
