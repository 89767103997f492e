with recursive

page_history as (

    select * from {{ source('raw', 'page_history') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

latest as (

    select
        slug,
        max_by(collection_id, release) as collection_id,
        max_by(attribute_ids, release) as recorded_attribute_ids,
        max_by(status, release) as status,
        max_by(title, release) as title,
        max_by(description, release) as description,
        max_by(quality_score, release) as quality_score,
        max_by(quality_source, release) as quality_source,
        max_by(products, release) as products,
        bool_or(status = 'published') as was_published
    from page_history
    group by slug

),

normalized_aliases as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        {{ normalized_value('alias') }} as former_value
    from value_aliases

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
    from normalized_aliases

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

-- What an attribute may have been called before it was renamed, or merged into another.
former_names as (

    select
        all_names.former_id,
        min(struct(all_names.step, attributes.attribute_id)).attribute_id as attribute_id
    from all_names
    inner join attributes on all_names.attribute_id = attributes.attribute_id
    group by all_names.former_id

),

attribute_rows as (

    select
        slug,
        explode(recorded_attribute_ids) as attribute_id
    from latest

),

current_attributes as (

    select
        attribute_rows.slug,
        array_sort(collect_set(coalesce(attributes.attribute_id, former_names.attribute_id))) as attribute_ids,
        bool_and(coalesce(attributes.attribute_id, former_names.attribute_id) is not null) as is_whole
    from attribute_rows
    left join attributes on attribute_rows.attribute_id = attributes.attribute_id
    left join former_names on attribute_rows.attribute_id = former_names.former_id
    group by attribute_rows.slug

),

current_pages as (

    select
        latest.*,
        current_attributes.attribute_ids,
        if(current_attributes.is_whole, {{ combination_id('current_attributes.attribute_ids') }}, null) as current_id
    from latest
    inner join current_attributes on latest.slug = current_attributes.slug

),

final as (

    select
        *,
        current_id is not null
        and row_number() over (
            partition by current_id
            order by
                status = 'published' desc,
                status != 'retired' desc,
                collection_id = current_id desc,
                was_published desc,
                products desc,
                slug asc
        ) = 1 as is_heir
    from current_pages

)

select * from final
