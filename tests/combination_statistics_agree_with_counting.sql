{{ config(tags=['comparison']) }}

-- Rows that combination_statistics has and plain counting of everything that products carry has not, or the other way
-- round. Of a large catalogue some product types, chosen by hash: counting grows with the fourth power of attributes.
with

products as (

    select * from {{ ref('products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

combination_statistics as (

    select * from {{ ref('combination_statistics') }}

),

sampling as (

    select cast(ceil(count(*) / 5000) as int) as one_in
    from products

),

sampled_types as (

    select attribute_id
    from attribute_statistics
    where is_product_type and pmod(xxhash64(attribute_id), (select sampling.one_in from sampling)) = 0

),

carried as (

    select
        product_attributes.product_id,
        product_attributes.attribute_id,
        attribute_statistics.facet,
        attribute_statistics.is_product_type,
        {{ exact_score('product_attributes.score') }} as score
    from product_attributes
    inner join attribute_statistics on product_attributes.attribute_id = attribute_statistics.attribute_id

),

of_one as (

    select
        carried.product_id,
        carried.score,
        '' as last_attribute_id,
        array(carried.attribute_id) as attribute_ids,
        array(carried.facet) as facets
    from carried
    inner join sampled_types on carried.attribute_id = sampled_types.attribute_id

),

of_two as (

    select
        smaller.product_id,
        cast(smaller.score + carried.score as decimal(12, 6)) as score,
        concat(smaller.attribute_ids, array(carried.attribute_id)) as attribute_ids,
        concat(smaller.facets, array(carried.facet)) as facets,
        carried.attribute_id as last_attribute_id
    from of_one as smaller
    inner join carried
        on
            smaller.product_id = carried.product_id
            and smaller.last_attribute_id < carried.attribute_id
            and not carried.is_product_type
            and not array_contains(smaller.facets, carried.facet)

),

of_three as (

    select
        smaller.product_id,
        cast(smaller.score + carried.score as decimal(12, 6)) as score,
        concat(smaller.attribute_ids, array(carried.attribute_id)) as attribute_ids,
        concat(smaller.facets, array(carried.facet)) as facets,
        carried.attribute_id as last_attribute_id
    from of_two as smaller
    inner join carried
        on
            smaller.product_id = carried.product_id
            and smaller.last_attribute_id < carried.attribute_id
            and not carried.is_product_type
            and not array_contains(smaller.facets, carried.facet)

),

of_four as (

    select
        smaller.product_id,
        cast(smaller.score + carried.score as decimal(12, 6)) as score,
        concat(smaller.attribute_ids, array(carried.attribute_id)) as attribute_ids,
        concat(smaller.facets, array(carried.facet)) as facets,
        carried.attribute_id as last_attribute_id
    from of_three as smaller
    inner join carried
        on
            smaller.product_id = carried.product_id
            and smaller.last_attribute_id < carried.attribute_id
            and not carried.is_product_type
            and not array_contains(smaller.facets, carried.facet)

),

all_sizes as (

    select * from of_two
    union all
    select * from of_three
    union all
    select * from of_four

),

judged as (

    select
        all_sizes.product_id,
        array_sort(all_sizes.attribute_ids) as attribute_ids,
        all_sizes.attribute_ids[0] as product_type_id,
        {{ combination_id('all_sizes.attribute_ids') }} as combination_id,
        {{ relevance('all_sizes.score', 'size(all_sizes.attribute_ids)') }}
        >= {{ var('relevance_threshold') }} as is_relevant,
        if(products.in_stock, products.item_id, null) as item_in_stock
    from all_sizes
    inner join products on all_sizes.product_id = products.product_id
    where size(all_sizes.attribute_ids) <= greatest(2, {{ var('max_combination_size') }})

),

counted as (

    select
        combination_id,
        attribute_ids,
        product_type_id,
        count(*) as carriers,
        count_if(is_relevant) as products,
        count(distinct if(is_relevant, item_in_stock, null)) as items,
        {{ set_fingerprint('product_id', 'is_relevant') }} as products_fingerprint
    from judged
    group by combination_id, attribute_ids, product_type_id
    having carriers >= {{ var('min_collection_size') }} or size(attribute_ids) = 2

),

mined as (

    select
        combination_statistics.combination_id,
        combination_statistics.attribute_ids,
        combination_statistics.product_type_id,
        combination_statistics.carriers,
        combination_statistics.products,
        combination_statistics.items,
        combination_statistics.products_fingerprint
    from combination_statistics
    inner join sampled_types on combination_statistics.product_type_id = sampled_types.attribute_id

),

missing as (

    select * from counted
    except
    select * from mined

),

added as (

    select * from mined
    except
    select * from counted

),

final as (

    select
        combination_id,
        attribute_ids,
        product_type_id,
        carriers,
        products,
        items,
        products_fingerprint,
        'counting' as found_by
    from missing
    union all
    select
        combination_id,
        attribute_ids,
        product_type_id,
        carriers,
        products,
        items,
        products_fingerprint,
        'combination_statistics' as found_by
    from added

)

select * from final
