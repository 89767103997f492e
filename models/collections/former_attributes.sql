with recursive

attributes as (

    select * from {{ ref('attributes') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

value_reviews as (

    select * from {{ ref('value_reviews') }}

),

former_values as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        {{ normalized_value('alias') }} as former_value
    from value_aliases
    union all
    -- Synonyms are what the catalogue holds today; a merge stands when the last product with the old name has gone.
    select
        facet,
        {{ merge_target('decision') }} as value,
        value as former_value
    from value_reviews
    where decision like 'merge:%'

),

-- What a value was called, and the attribute that it became.
names as (

    select
        attributes.attribute_id,
        concat(attributes.facet, ':', {{ slug('synonyms.former_value') }}) as former_id
    from attributes
        lateral view explode(attributes.synonyms) synonyms as former_value
    union distinct
    select
        concat(facet, ':', {{ slug('value') }}) as attribute_id,
        concat(facet, ':', {{ slug('former_value') }}) as former_id
    from former_values

),

-- An alias of an alias, and so on. More steps than that are a circle.
followed as (

    select
        names.former_id,
        names.attribute_id,
        1 as step
    from names
    left anti join attributes on names.attribute_id = attributes.attribute_id
    union all
    select
        followed.former_id,
        names.attribute_id,
        followed.step + 1 as step
    from followed
    inner join names on followed.attribute_id = names.former_id
    where followed.step < 8

),

all_names as (

    select
        former_id,
        attribute_id,
        1 as step
    from names
    union all
    select * from followed

),

final as (

    select
        all_names.former_id,
        min(struct(all_names.step, attributes.attribute_id)).attribute_id as attribute_id
    from all_names
    inner join attributes on all_names.attribute_id = attributes.attribute_id
    group by all_names.former_id

)

select * from final
