with

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

named_parents as (

    select
        kept.attribute_id,
        parents.attribute_id as parent_attribute_id,
        0 as place
    from kept
    inner join value_parents
        on kept.facet = value_parents.facet and kept.value = {{ normalized_value('value_parents.value') }}
    inner join kept as parents
        on kept.facet = parents.facet and parents.value = {{ normalized_value('value_parents.parent') }}

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
