with

weighed_pages as (

    select * from {{ ref('weighed_pages') }}

),

page_duplicates as (

    select * from {{ ref('page_duplicates') }}

),

judged as (

    select
        weighed_pages.*,
        page_duplicates.collection_id is not null as is_repeating
    from weighed_pages
    left join page_duplicates on weighed_pages.collection_id = page_duplicates.collection_id

),

-- Numbered only where there is a limit: that takes one task for all pages. What repeats another page comes last, and a
-- page that stands gives way to one that is better by a tenth, so that pages do not flicker with their priority.
placed as (

    select
        *,
        {% set best_first = "is_repeating asc, priority + if(is_standing, 0.1, 0) desc, collection_id asc" -%}
        {{ "row_number() over (partition by status order by " ~ best_first ~ ")" if var('max_pages') else 0 }} as place
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
