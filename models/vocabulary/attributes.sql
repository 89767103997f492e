with recursive

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

products as (

    select * from {{ ref('products') }}

),

catalogue as (

    select count(*) as products from products

),

kept as (

    select
        concat(facet, ':', {{ slug('value') }}) as attribute_id,
        facet,
        value,
        products,
        split({{ match_key('value') }}, ' ') as words
    from vocabulary_decisions
    where state = 'kept'

),

spellings as (

    select
        facet,
        merged_into as value,
        array_sort(collect_set(value)) as synonyms
    from vocabulary_decisions
    where
        state = 'merged'
        {% if var('require_review') -%}
            -- Published like the value itself, and no model is asked about them.
            and reviewed
        {%- endif %}
    group by facet, merged_into

),

-- "polo t-shirt" is a "t-shirt", "dark beige" is "beige": the longest kept value that the phrase ends with.
endings as (

    select
        attribute_id,
        facet,
        inline({{ endings('words', 2) }}) as (place, ending)
    from kept
    where
        facet in ('product_type', 'color', 'fit')
        and size(words) > 1
        -- A "quilt cover and 2 pillowcases" is no pillowcase.
        and not arrays_overlap(words, array('of', 'with', 'without', 'and', 'for', 'in', 'on', 'to', 'from'))

),

normalized_parents as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        {{ normalized_value('parent') }} as parent
    from value_parents

),

-- The value between two may not be kept: solid oak is wood without solid wood, too. A limit ends people's circles.
ancestry as (

    select
        facet,
        value,
        parent,
        1 as generation
    from normalized_parents
    union all
    select
        ancestry.facet,
        ancestry.value,
        normalized_parents.parent,
        ancestry.generation + 1 as generation
    from ancestry
    inner join normalized_parents
        on ancestry.facet = normalized_parents.facet and ancestry.parent = normalized_parents.value
    where ancestry.generation < 5

),

-- Nearer than what a phrase ends with, whose places count from 1.
named_parents as (

    select
        kept.attribute_id,
        parents.attribute_id as parent_attribute_id,
        ancestry.generation - 5 as place
    from kept
    inner join ancestry on kept.facet = ancestry.facet and kept.value = ancestry.value
    inner join kept as parents on ancestry.facet = parents.facet and ancestry.parent = parents.value
    where kept.attribute_id != parents.attribute_id

),

ending_parents as (

    select
        endings.attribute_id,
        parents.attribute_id as parent_attribute_id,
        endings.place
    from endings
    inner join kept as parents on endings.facet = parents.facet and endings.ending = array_join(parents.words, ' ')

),

all_parents as (

    select * from named_parents
    union all
    select * from ending_parents

),

parents as (

    select
        attribute_id,
        min_by(parent_attribute_id, struct(place, parent_attribute_id)) as parent_attribute_id
    from all_parents
    where attribute_id != parent_attribute_id
    group by attribute_id

),

final as (

    select
        kept.attribute_id,
        kept.facet,
        kept.value,
        kept.products,
        cast(kept.products / catalogue.products as double) as product_share,
        parents.parent_attribute_id,
        coalesce(spellings.synonyms, cast(array() as array<string>)) as synonyms
    from kept
    cross join catalogue
    left join spellings on kept.facet = spellings.facet and kept.value = spellings.value
    left join parents on kept.attribute_id = parents.attribute_id

)

select * from final
