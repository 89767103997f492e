with

attributes as (

    select * from {{ ref('attributes') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

value_implications as (

    select * from {{ ref('value_implications') }}

),

known as (

    select distinct
        facet,
        explode(label_values) as value
    from label_cells

),

candidates as (

    select
        facet,
        value,
        value as judged_value,
        0 as generation
    from attributes
    union all
    select
        attributes.facet,
        attributes.value,
        value_implications.implied_value as judged_value,
        value_implications.generation
    from attributes
    inner join value_implications
        on
            attributes.facet = value_implications.facet
            and attributes.value = value_implications.value

),

final as (

    select
        candidates.facet,
        candidates.value,
        min(struct(candidates.generation, candidates.judged_value)).judged_value as judged_value
    from candidates
    inner join known
        on
            candidates.facet = known.facet
            and candidates.judged_value = known.value
    group by candidates.facet, candidates.value

)

select * from final
