with

products as (

    select * from {{ ref('products') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

served_combinations as (

    select * from {{ ref('served_combinations') }}

),

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

evaluated_collections as (

    select * from {{ ref('evaluated_collections') }}

),

evaluated_collection_products as (

    select * from {{ ref('evaluated_collection_products') }}

),

approaches as (

    select explode(array('content_first', 'search_log')) as approach

),

product_types as (

    select
        attribute_id,
        value as product_type
    from attributes
    where facet = 'product_type'

),

-- Every type and what it implies; a page or query of "maxi dress" counts for "dress" too.
type_names as (

    select
        attribute_id,
        product_type
    from product_types
    union all
    select
        attribute_ancestors.attribute_id,
        product_types.product_type
    from attribute_ancestors
    inner join product_types on attribute_ancestors.ancestor_attribute_id = product_types.attribute_id

),

pages as (

    select
        evaluated_collections.approach,
        evaluated_collections.collection_id,
        evaluated_collections.attributes.attribute_id as attribute_ids
    from evaluated_collections
    where evaluated_collections.indexable

),

page_attributes as (

    select
        approach,
        collection_id,
        explode(attribute_ids) as attribute_id
    from pages

),

page_types as (

    select
        approach,
        collection_id,
        'all' as product_type
    from pages
    union all
    select distinct
        page_attributes.approach,
        page_attributes.collection_id,
        type_names.product_type
    from page_attributes
    inner join type_names on page_attributes.attribute_id = type_names.attribute_id

),

topics as (

    select
        approach,
        product_type,
        count(*) as topics
    from page_types
    group by approach, product_type

),

product_type_members as (

    select
        product_id,
        'all' as product_type
    from products
    union all
    select
        product_id,
        value as product_type
    from product_attributes
    where facet = 'product_type'

),

members as (

    select
        product_type,
        count(*) as products
    from product_type_members
    group by product_type

),

reached_products as (

    select distinct
        evaluated_collection_products.approach,
        evaluated_collection_products.product_id
    from evaluated_collection_products
    inner join pages
        on
            evaluated_collection_products.approach = pages.approach
            and evaluated_collection_products.collection_id = pages.collection_id

),

reached as (

    select
        reached_products.approach,
        product_type_members.product_type,
        count(*) as products_reached
    from reached_products
    inner join product_type_members on reached_products.product_id = product_type_members.product_id
    group by reached_products.approach, product_type_members.product_type

),

queries as (

    select
        query,
        searches,
        attribute_ids,
        {{ combination_id('attribute_ids') }} as combination_id
    from search_query_attributes

),

query_attributes as (

    select
        query,
        searches,
        combination_id,
        explode(attribute_ids) as attribute_id
    from queries

),

query_types as (

    select
        query,
        searches,
        combination_id,
        'all' as product_type
    from queries
    union all
    select distinct
        query_attributes.query,
        query_attributes.searches,
        query_attributes.combination_id,
        type_names.product_type
    from query_attributes
    inner join type_names on query_attributes.attribute_id = type_names.attribute_id

),

demand as (

    select
        approaches.approach,
        query_types.product_type,
        sum(query_types.searches) as searches,
        sum(if(served_combinations.combination_id is null, 0, query_types.searches)) as searches_served
    from query_types
    cross join approaches
    left join served_combinations
        on
            approaches.approach = served_combinations.approach
            and query_types.combination_id = served_combinations.combination_id
    group by approaches.approach, query_types.product_type

),

final as (

    select
        approaches.approach,
        members.product_type,
        members.products,
        cast(coalesce(reached.products_reached, 0) / members.products as double) as product_share,
        cast(demand.searches_served / nullif(demand.searches, 0) as double) as demand_share,
        coalesce(topics.topics, 0) as topics,
        coalesce(reached.products_reached, 0) as products_reached,
        coalesce(demand.searches, 0) as searches
    from members
    cross join approaches
    left join topics
        on
            approaches.approach = topics.approach
            and members.product_type = topics.product_type
    left join reached
        on
            approaches.approach = reached.approach
            and members.product_type = reached.product_type
    left join demand
        on
            approaches.approach = demand.approach
            and members.product_type = demand.product_type

)

select * from final
