with

weighed_pages as (

    select * from {{ ref('weighed_pages') }}

),

page_duplicates as (

    select * from {{ ref('page_duplicates') }}

),

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

merge_targets as (

    select distinct target_slug as slug
    from checked_overrides
    where action = 'merge_into' and warning is null

),

judged as (

    select
        weighed_pages.*,
        page_duplicates.collection_id is not null as is_repeating,
        merge_targets.slug is not null as is_merge_target
    from weighed_pages
    left join page_duplicates on weighed_pages.collection_id = page_duplicates.collection_id
    left join merge_targets on weighed_pages.slug = merge_targets.slug

),

-- Numbered only where there is a limit: that takes one task for all pages. What repeats another page comes last, and a
-- page that stands gives way to one that is better by a tenth, so that pages do not flicker with their priority. What
-- editors merged others into comes first.
placed as (

    select
        *,
        {% if var('max_pages') -%}
            row_number() over (
                partition by status
                order by
                    is_repeating asc, is_merge_target desc, priority + if(is_standing, 0.1, 0) desc, collection_id asc
            ) as place
        {%- else -%}
            0 as place
        {%- endif %}
    from judged

),

final as (

    select
        collection_id,
        slug,
        own_title,
        title,
        title_key,
        description,
        attribute_ids,
        product_type_id,
        quality_score,
        quality_source,
        products,
        items,
        all_items,
        listed_products,
        status,
        priority,
        content_hash
    from placed
    where status != 'published' or place <= {{ var('max_pages') }}

)

select * from final
