with

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

final as (

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

)

select * from final
