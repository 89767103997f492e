with recursive

parents as (

    select
        attribute_id,
        parent_attribute_id as ancestor_attribute_id
    from {{ ref('attributes') }}
    where parent_attribute_id is not null

),

-- A limit of generations ends a circle that people wrote into the seed.
ancestors (attribute_id, ancestor_attribute_id, generation) as (

    select
        attribute_id,
        ancestor_attribute_id,
        1 as generation
    from parents

    union all

    select
        ancestors.attribute_id,
        parents.ancestor_attribute_id,
        ancestors.generation + 1 as generation
    from ancestors
    inner join parents on ancestors.ancestor_attribute_id = parents.attribute_id
    where ancestors.generation < 5

),

final as (

    select distinct
        attribute_id,
        ancestor_attribute_id
    from ancestors
    where attribute_id != ancestor_attribute_id

)

select * from final
