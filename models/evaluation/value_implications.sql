with recursive

attributes as (

    select * from {{ ref('attributes') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

label_values as (

    select distinct
        facet,
        value
    from stg_labels
    where facet in ('product_type', 'color', 'fit')

),

-- What a phrase is about stands before its first comma, "with" or "and": "rug, flatwoven", "box with lid".
label_heads as (

    select
        facet,
        value,
        split(trim(regexp_extract(value, '^(.*?)(?:,| with | and | for | in |$)', 1)), ' ') as words
    from label_values
    where value not like '% of %'

),

label_endings as (

    select
        facet,
        value,
        inline({{ endings('words', 1) }}) as (place, ending)
    from label_heads

),

parents as (

    select
        label_endings.facet,
        label_endings.value,
        attributes.value as parent
    from label_endings
    inner join attributes
        on
            label_endings.facet = attributes.facet
            and label_endings.ending = attributes.value
            and label_endings.value != attributes.value
    union distinct
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
