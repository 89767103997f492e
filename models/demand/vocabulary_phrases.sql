with

attributes as (

    select * from {{ ref('attributes') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

spellings as (

    select
        attribute_id,
        products,
        true as is_value,
        value as spelling
    from attributes
    union all
    select
        attribute_id,
        products,
        false as is_value,
        explode(synonyms) as spelling
    from attributes
    union all
    select
        attributes.attribute_id,
        attributes.products,
        false as is_value,
        value_aliases.alias as spelling
    from value_aliases
    inner join attributes
        on
            value_aliases.facet = attributes.facet
            and {{ normalized_value('value_aliases.value') }} = attributes.value

),

phrases as (

    select
        attribute_id,
        products,
        is_value,
        {{ search_words('spelling') }} as words
    from spellings

),

final as (

    select
        array_join(words, ' ') as phrase,
        size(words) as words,
        max_by(attribute_id, struct(is_value, products, attribute_id)) as attribute_id
    from phrases
    where size(words) > 0
    group by words

)

select * from final
