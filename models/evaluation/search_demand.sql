{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

demand_carriers as (

    select * from {{ ref('demand_carriers') }}

),

product_terms as (

    select * from {{ ref('product_terms') }}

),

products as (

    select * from {{ ref('products') }}

),

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

search_log_product_sets as (

    select * from {{ ref('search_log_product_sets') }}

),

variants as (

    select count(*) as variants
    from products
    where in_stock
    group by item_id

),

-- So many products are min_collection_size items, whatever variants they are.
enough as (

    select ({{ var('min_collection_size') }} - 1) * coalesce(max(variants), 1) + 1 as carriers
    from variants

),

uncertain as (

    select
        demand_carriers.demand_id,
        demand_carriers.terms as attribute_ids
    from demand_carriers
    inner join enough on demand_carriers.carriers < enough.carriers
    where demand_carriers.carriers >= {{ var('min_collection_size') }}

),

{{ overlap_join('uncertain', 'demand_id', 'product_terms', 0) }},

counted_items as (

    select
        overlap_products.demand_id,
        count(distinct products.item_id) as items
    from overlap_products
    inner join products on overlap_products.product_id = products.product_id
    group by overlap_products.demand_id

),

-- What enough items have in their titles can be served, too, whatever their attributes miss.
found_by_words as (

    select distinct search_query_attributes.demand_id
    from search_log_product_sets
    inner join search_query_attributes on search_log_product_sets.query = search_query_attributes.query

),

final as (

    select
        demand_carriers.demand_id,
        demand_carriers.attribute_ids,
        demand_carriers.other_words,
        demand_carriers.searches,
        demand_carriers.queries,
        demand_carriers.commonest_query,
        demand_carriers.carriers,
        found_by_words.demand_id is not null
        or coalesce(counted_items.items, demand_carriers.carriers) >= {{ var('min_collection_size') }} as is_satisfiable
    from demand_carriers
    left join counted_items on demand_carriers.demand_id = counted_items.demand_id
    left join found_by_words on demand_carriers.demand_id = found_by_words.demand_id

)

select * from final
