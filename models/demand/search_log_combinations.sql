{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

carried as (

    select
        product_id,
        attribute_id,
        1d as score
    from product_attributes

),

asked as (

    select
        {{ combination_id('attribute_ids') }} as combination_id,
        attribute_ids,
        sum(searches) as searches,
        count(*) as queries,
        max_by(query, struct(searches, query)) filter (where is_public) as commonest_query
    from search_query_attributes
    where size(attribute_ids) > 0
    group by attribute_ids

),

frequent as (

    select *
    from asked
    where searches >= {{ var('min_searches') }}

),

{{ overlap_join('frequent', 'combination_id', 'carried', 0, 1) }},

attribute_rows as (

    select
        combination_id,
        explode(attribute_ids) as attribute_id
    from frequent

),

named as (

    select
        attribute_rows.combination_id,
        array_sort(collect_list(struct(attributes.attribute_id, attributes.facet, attributes.value))) as attributes
    from attribute_rows
    inner join attributes on attribute_rows.attribute_id = attributes.attribute_id
    group by attribute_rows.combination_id

),

final as (

    select
        frequent.combination_id,
        frequent.attribute_ids,
        named.attributes,
        frequent.searches,
        frequent.queries,
        frequent.commonest_query,
        coalesce(overlap_sets.products, 0) as carriers
    from frequent
    left join overlap_sets on frequent.combination_id = overlap_sets.combination_id
    inner join named on frequent.combination_id = named.combination_id

)

select * from final
