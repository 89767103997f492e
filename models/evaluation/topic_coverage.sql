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

served_demand as (

    select * from {{ ref('served_demand') }}

),

search_demand as (

    select * from {{ ref('search_demand') }}

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
        evaluated_collections.attributes.attribute_id as attribute_ids,
        served_demand.demand_id is null as other_lacks
    from evaluated_collections
    left join served_demand
        on
            evaluated_collections.demand_id = served_demand.demand_id
            and evaluated_collections.approach != served_demand.approach
    where evaluated_collections.indexable

),

page_attributes as (

    select
        approach,
        collection_id,
        other_lacks,
        explode(attribute_ids) as attribute_id
    from pages

),

page_types as (

    select
        approach,
        collection_id,
        other_lacks,
        'all' as product_type
    from pages
    union all
    select distinct
        page_attributes.approach,
        page_attributes.collection_id,
        page_attributes.other_lacks,
        type_names.product_type
    from page_attributes
    inner join type_names on page_attributes.attribute_id = type_names.attribute_id

),

topics as (

    select
        approach,
        product_type,
        count(*) as topics,
        count_if(other_lacks) as topics_other_lacks
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

demand_attributes as (

    select
        demand_id,
        searches,
        is_satisfiable,
        explode(attribute_ids) as attribute_id
    from search_demand

),

demand_types as (

    select
        demand_id,
        searches,
        is_satisfiable,
        'all' as product_type
    from search_demand
    union all
    select distinct
        demand_attributes.demand_id,
        demand_attributes.searches,
        demand_attributes.is_satisfiable,
        type_names.product_type
    from demand_attributes
    inner join type_names on demand_attributes.attribute_id = type_names.attribute_id

),

demand as (

    select
        approaches.approach,
        demand_types.product_type,
        sum(demand_types.searches) as searches,
        sum(if(served_demand.demand_id is null, 0, demand_types.searches)) as searches_served,
        sum(if(demand_types.is_satisfiable, demand_types.searches, 0)) as satisfiable_searches,
        sum(if(demand_types.is_satisfiable and served_demand.demand_id is not null, demand_types.searches, 0))
            as satisfiable_searches_served
    from demand_types
    cross join approaches
    left join served_demand
        on
            approaches.approach = served_demand.approach
            and demand_types.demand_id = served_demand.demand_id
    group by approaches.approach, demand_types.product_type

),

final as (

    select
        approaches.approach,
        members.product_type,
        members.products,
        cast(coalesce(reached.products_reached, 0) / members.products as double) as product_share,
        round(cast(demand.searches_served / nullif(demand.searches, 0) as double), 6) as demand_share,
        round(cast(demand.satisfiable_searches_served / nullif(demand.satisfiable_searches, 0) as double), 6)
            as satisfiable_demand_share,
        coalesce(topics.topics, 0) as topics,
        coalesce(topics.topics_other_lacks, 0) as topics_other_lacks,
        coalesce(reached.products_reached, 0) as products_reached,
        coalesce(demand.searches, 0) as searches,
        coalesce(demand.satisfiable_searches, 0) as satisfiable_searches
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
