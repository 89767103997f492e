with

sweep_members as (

    select * from {{ ref('sweep_members') }}

),

sweep_pages as (

    select * from {{ ref('sweep_pages') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

judgeable_values as (

    select * from {{ ref('judgeable_values') }}

),

learned_labels as (

    select * from {{ ref('learned_labels') }}

),

settings as (

    select * from {{ ref('sweep_settings') }}

),

thresholds as (

    select distinct relevance_threshold
    from settings

),

topics as (

    select
        setting_bit,
        count(*) as topics
    from sweep_pages
    group by setting_bit

),

-- One bit a setting: a product is read once, not once a setting.
page_masks as (

    select
        combination_id,
        bit_or(shiftleft(1L, setting_bit)) as settings_mask
    from sweep_pages
    group by combination_id

),

masks_by_threshold as (

    select
        relevance_threshold,
        bit_or(shiftleft(1L, setting_bit)) as settings_mask
    from settings
    group by relevance_threshold

),

threshold_masks as (

    select collect_list(struct(relevance_threshold, settings_mask)) as masks
    from masks_by_threshold

),

product_masks as (

    select
        sweep_members.product_id,
        bit_or(
            page_masks.settings_mask
            & aggregate(
                threshold_masks.masks,
                0L,
                (reached, mask) -> if(
                    sweep_members.relevance >= mask.relevance_threshold, reached | mask.settings_mask, reached
                )
            )
        ) as settings_mask
    from sweep_members
    inner join page_masks on sweep_members.combination_id = page_masks.combination_id
    cross join threshold_masks
    where sweep_members.rank <= {{ var('top_k') }}
    group by sweep_members.product_id

),

reached as (

    select
        settings.setting_bit,
        count_if(product_masks.settings_mask & shiftleft(1L, settings.setting_bit) != 0) as products_reached
    from product_masks
    cross join settings
    group by settings.setting_bit

),

page_facets as (

    select
        combination_id,
        inline(attributes) as (attribute_id, facet, value)
    from attribute_combinations

),

-- The same ten as in label_judgements: the first whose labels no encoder learned. A higher threshold cuts from the end.
judgeable_members as (

    select
        sweep_members.*,
        row_number() over (partition by sweep_members.combination_id order by sweep_members.rank asc) as place
    from sweep_members
    left anti join learned_labels on sweep_members.product_id = learned_labels.product_id

),

judged_products as (

    select
        judgeable_members.combination_id,
        judgeable_members.product_id,
        judgeable_members.relevance,
        bool_and(array_contains(label_cells.label_values, judgeable_values.judged_value)) as correct
    from judgeable_members
    inner join page_facets on judgeable_members.combination_id = page_facets.combination_id
    inner join judgeable_values
        on
            page_facets.facet = judgeable_values.facet
            and page_facets.value = judgeable_values.value
    inner join label_cells
        on
            judgeable_members.product_id = label_cells.product_id
            and page_facets.facet = label_cells.facet
    where judgeable_members.place <= 10 and judgeable_members.rank <= {{ var('top_k') }}
    group by judgeable_members.combination_id, judgeable_members.product_id, judgeable_members.relevance

),

judged_pages as (

    select
        sweep_pages.setting_bit,
        sweep_pages.combination_id,
        count_if(judged_products.correct) / count(*) as precision
    from sweep_pages
    inner join settings on sweep_pages.setting_bit = settings.setting_bit
    inner join judged_products
        on
            sweep_pages.combination_id = judged_products.combination_id
            and settings.relevance_threshold <= judged_products.relevance
    group by sweep_pages.setting_bit, sweep_pages.combination_id

),

precisions as (

    select
        setting_bit,
        round(avg(precision), 9) as precision
    from judged_pages
    group by setting_bit

),

labels as (

    select stg_labels.*
    from stg_labels
    left semi join label_cells on stg_labels.product_id = label_cells.product_id

),

label_scores as (

    select coalesce(product_attributes.score, -1) as score
    from labels
    left join product_attributes
        on
            labels.product_id = product_attributes.product_id
            and labels.facet = product_attributes.facet
            and labels.value = product_attributes.value

),

recalls as (

    select
        thresholds.relevance_threshold,
        count_if(label_scores.score >= thresholds.relevance_threshold) / count(*) as recall
    from label_scores
    cross join thresholds
    group by thresholds.relevance_threshold

),

measured as (

    select
        settings.relevance_threshold,
        settings.min_collection_size,
        precisions.precision,
        cast(recalls.recall as double) as recall,
        coalesce(topics.topics, 0) as topics,
        coalesce(reached.products_reached, 0) as products_reached,
        (
            abs(settings.relevance_threshold - {{ var('relevance_threshold') }}) < 1e-9
            and settings.min_collection_size = {{ var('min_collection_size') }}
        ) as operating_point
    from settings
    left join topics on settings.setting_bit = topics.setting_bit
    left join reached on settings.setting_bit = reached.setting_bit
    left join precisions on settings.setting_bit = precisions.setting_bit
    left join recalls on settings.relevance_threshold = recalls.relevance_threshold

),

-- The most pages at the wanted precision; how small a page may be stays the build's choice.
final as (

    select
        *,
        coalesce(
            precision >= {{ var('target_precision') }}
            and min_collection_size >= {{ var('min_collection_size') }}
            and 1 = row_number() over (
                order by
                    precision >= {{ var('target_precision') }} desc nulls last,
                    min_collection_size >= {{ var('min_collection_size') }} desc,
                    topics desc,
                    precision desc,
                    relevance_threshold desc,
                    min_collection_size asc
            ),
            false
        ) as suggested
    from measured

)

select * from final
