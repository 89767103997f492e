{{ config(materialized='view') }}

with

page_history as (

    select * from {{ source('raw', 'page_history') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

former_attributes as (

    select * from {{ ref('former_attributes') }}

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

attribute_rows as (

    select
        slug,
        explode(recorded_attribute_ids) as attribute_id
    from latest

),

current_attributes as (

    select
        attribute_rows.slug,
        array_sort(collect_set(coalesce(attributes.attribute_id, former_attributes.attribute_id))) as attribute_ids,
        bool_and(coalesce(attributes.attribute_id, former_attributes.attribute_id) is not null) as is_whole
    from attribute_rows
    left join attributes on attribute_rows.attribute_id = attributes.attribute_id
    left join former_attributes on attribute_rows.attribute_id = former_attributes.former_id
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
                status in ('published', 'hidden') desc,
                (was_published or status = 'hidden') desc,
                collection_id = current_id desc,
                status = 'published' desc,
                products desc,
                slug asc
        ) = 1 as is_heir
    from current_pages

)

select * from final
