with recursive

attributes as (

    select * from {{ ref('attributes') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

parents as (

    select
        children.facet,
        children.value,
        parents.value as parent
    from attributes as children
    inner join attributes as parents on children.parent_attribute_id = parents.attribute_id
    union distinct
    select
        facet,
        {{ normalized_value('value') }} as value,
        {{ normalized_value('parent') }} as parent
    from value_parents

),

-- A limit of generations ends a circle that people wrote into the seed.
implications (facet, value, implied_value, generation) as (

    select
        facet,
        value,
        parent as implied_value,
        1 as generation
    from parents

    union all

    select
        implications.facet,
        implications.value,
        parents.parent as implied_value,
        implications.generation + 1 as generation
    from implications
    inner join parents
        on
            implications.facet = parents.facet
            and implications.implied_value = parents.value
    where implications.generation < 5

),

final as (

    select distinct
        facet,
        value,
        implied_value
    from implications
    where value != implied_value

)

select * from final
