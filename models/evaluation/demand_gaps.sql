with

search_demand as (

    select * from {{ ref('search_demand') }}

),

served_demand as (

    select * from {{ ref('served_demand') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

combination_statistics as (

    select * from {{ ref('combination_statistics') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

collections as (

    select * from {{ ref('collections') }}

),

weighed_pages as (

    select * from {{ ref('weighed_pages') }}

),

landing_pages as (

    select * from {{ ref('landing_pages') }}

),

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

-- A standing page serves searches below the size at which it counts as a topic.
served as (

    select demand_id
    from served_demand
    where approach = 'content_first'
    union distinct
    select collection_id as demand_id
    from landing_pages
    where indexable and status = 'published'

),

-- Words are shown only as a public query has them.
unserved as (

    select search_demand.*
    from search_demand
    left anti join served on search_demand.demand_id = served.demand_id
    where
        search_demand.searches >= {{ var('min_searches') }}
        and (size(search_demand.other_words) = 0 or search_demand.commonest_query is not null)

),

attribute_rows as (

    select
        demand_id,
        explode(attribute_ids) as attribute_id
    from unserved

),

named as (

    select
        attribute_rows.demand_id,
        array_sort(collect_list(struct(attributes.attribute_id, attributes.facet, attributes.value))) as attributes
    from attribute_rows
    inner join attributes on attribute_rows.attribute_id = attributes.attribute_id
    group by attribute_rows.demand_id

),

word_rows as (

    select
        demand_id,
        explode(other_words) as word
    from unserved

),

-- What became of a value of this one word; of several facets, the one with most products.
decided as (

    select
        {{ match_key('value') }} as word,
        max_by(state, struct(products, state)) as state
    from vocabulary_decisions
    where state not in ('kept', 'merged')
    group by {{ match_key('value') }}

),

missing as (

    select
        word_rows.demand_id,
        array_join(
            array_sort(collect_list(
                concat(word_rows.word, ' (', coalesce(decided.state, 'read as a value of no product'), ')')
            )),
            ', '
        ) as words
    from word_rows
    left join decided on word_rows.word = decided.word
    group by word_rows.demand_id

),

-- The collection that lists exactly the combination's products.
page_of_products as (

    select
        combination_statistics.products_fingerprint,
        min(collections.collection_id) as collection_id
    from collections
    inner join combination_statistics on collections.collection_id = combination_statistics.combination_id
    group by combination_statistics.products_fingerprint

),

merged_by_editors as (

    select distinct
        collection_id,
        value as merged_into
    from checked_overrides
    where warning is null and action = 'merge_into'

),

pages as (

    select
        collections.collection_id,
        case
            when merged_by_editors.collection_id is not null
                then concat('an editor merged its page into ', merged_by_editors.merged_into)
            when stg_existing_pages.slug is not null
                then 'the shop has a page of its own at this address'
            when landing_pages.status = 'hidden'
                then 'an editor hides its page'
            when landing_pages.status = 'draft'
                then 'its page is a draft that waits for an editor'
            when landing_pages.status = 'published'
                then concat('its page is not indexable: ', landing_pages.index_reason)
            when weighed_pages.collection_id is not null
                then 'its page is beyond max_pages'
            else 'its page retired: too few items are left without what editors excluded'
        end as reason
    from collections
    left join merged_by_editors on collections.collection_id = merged_by_editors.collection_id
    left join stg_existing_pages on collections.slug = stg_existing_pages.slug
    left join landing_pages on collections.slug = landing_pages.slug
    left join weighed_pages on collections.collection_id = weighed_pages.collection_id

),

explained as (

    select
        unserved.*,
        coalesce(named.attributes, array()) as attributes,
        case
            when size(unserved.attribute_ids) = 0 and size(unserved.other_words) = 0
                then 'asks for nothing that products have'
            when size(unserved.other_words) > 0
                then concat('missing from the vocabulary: ', missing.words)
            when size(unserved.attribute_ids) < {{ var('min_combination_size') }}
                then 'names one attribute only: a collection has at least {{ var("min_combination_size") }}'
            when not array_contains(named.attributes.facet, 'product_type')
                then 'names no product type'
            when size(array_distinct(named.attributes.facet)) < size(named.attributes)
                then 'names two values of one facet'
            when size(unserved.attribute_ids) > {{ var('max_combination_size') }}
                then 'names more than {{ var("max_combination_size") }} attributes'
            when unserved.carriers = 0
                then 'no product in stock carries all of it'
            when unserved.carriers < {{ var('min_collection_size') }}
                then concat(
                    'products in stock that carry all of it: ', unserved.carriers,
                    ' of {{ var("min_collection_size") }} needed'
                )
            when pages.reason is not null
                then pages.reason
            when combination_statistics.items < {{ var('min_collection_size') }}
                then concat(
                    'items in stock that are relevant enough: ', combination_statistics.items,
                    ' of {{ var("min_collection_size") }} needed'
                )
            when not titled_combinations.titled.valid or titled_combinations.titled.quality < {{ var('min_quality') }}
                then concat_ws(
                    ': ',
                    concat(
                        'quality ',
                        floor(10 * titled_combinations.titled.quality) / 10,
                        ' of {{ var("min_quality") }} needed'
                    ),
                    nullif(array_join(titled_combinations.titled.problems, '; '), '')
                )
            when titled_combinations.titled.valid
                then 'another page has its title'
            else 'the combination was not titled'
        end as reason
    from unserved
    left join named on unserved.demand_id = named.demand_id
    left join missing on unserved.demand_id = missing.demand_id
    left join combination_statistics on unserved.demand_id = combination_statistics.combination_id
    left join titled_combinations on unserved.demand_id = titled_combinations.combination_id
    left join page_of_products
        on combination_statistics.products_fingerprint = page_of_products.products_fingerprint
    left join pages on coalesce(page_of_products.collection_id, unserved.demand_id) = pages.collection_id

),

final as (

    select
        demand_id as combination_id,
        attributes,
        other_words,
        commonest_query as query,
        queries,
        searches,
        carriers,
        reason
    from explained

)

select * from final
