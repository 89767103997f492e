{{ config(tags=['challenge'], pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

collections as (

    select * from {{ ref('collections') }}

),

collection_attributes as (

    select * from {{ ref('collection_attributes') }}

),

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

-- The challenge has a fixed size, so some hundred collections are enough to draw it from.
drawn_collections as (

    select
        collection_id,
        attributes,
        product_type_id
    from collections
    order by xxhash64(collection_id) asc, collection_id asc
    limit 300

),

modifiers as (

    select
        collection_attributes.attribute_id,
        collection_attributes.facet,
        row_number() over (
            order by
                xxhash64(collection_attributes.collection_id, collection_attributes.attribute_id) asc,
                collection_attributes.collection_id asc
        ) as place
    from collection_attributes
    left semi join drawn_collections on collection_attributes.collection_id = drawn_collections.collection_id
    where collection_attributes.facet <> 'product_type'

),

-- Three tries a collection, so that enough are left of small catalogues; two spare slots for facets drawn twice.
slots as (

    select
        drawn_collections.collection_id,
        drawn_collections.product_type_id,
        attempts.id as attempt,
        size(drawn_collections.attributes) as attribute_count,
        explode(sequence(1, size(drawn_collections.attributes) + 1)) as slot
    from drawn_collections
    cross join range(3) as attempts

),

modifier_count as (

    select count(*) as places
    from modifiers
    having count(*) > 0

),

drawn_places as (

    select
        slots.*,
        pmod(xxhash64(slots.collection_id, slots.attempt, slots.slot), modifier_count.places) + 1 as place
    from slots
    cross join modifier_count

),

drawn as (

    select
        drawn_places.*,
        modifiers.attribute_id,
        modifiers.facet
    from drawn_places
    inner join modifiers on drawn_places.place = modifiers.place

),

one_per_facet as (

    select
        collection_id,
        attempt,
        facet,
        any_value(product_type_id) as product_type_id,
        any_value(attribute_count) as attribute_count,
        min(struct(slot, attribute_id)) as pick
    from drawn
    group by collection_id, attempt, facet

),

picked as (

    select
        any_value(product_type_id) as product_type_id,
        any_value(attribute_count) as attribute_count,
        slice(array_sort(collect_list(pick)), 1, any_value(attribute_count) - 1).attribute_id as modifier_ids
    from one_per_facet
    group by collection_id, attempt

),

shuffled as (

    select distinct
        {{ combination_id('concat(array(product_type_id), modifier_ids)') }} as combination_id,
        array_sort(concat(array(product_type_id), modifier_ids)) as attribute_ids,
        'shuffled' as challenge
    from picked
    where size(modifier_ids) = attribute_count - 1

),

-- What the catalogue holds often enough to be mined is no nonsense, however it was found.
unattested as (

    select shuffled.*
    from shuffled
    left anti join attribute_combinations on shuffled.combination_id = attribute_combinations.combination_id

),

contradictory as (

    select distinct
        {{ combination_id('concat(drawn_collections.attributes.attribute_id, array(modifiers.attribute_id))') }}
            as combination_id,
        array_sort(concat(drawn_collections.attributes.attribute_id, array(modifiers.attribute_id))) as attribute_ids,
        'contradictory' as challenge
    from drawn_collections
    inner join collection_attributes on drawn_collections.collection_id = collection_attributes.collection_id
    inner join modifiers
        on
            collection_attributes.facet = modifiers.facet
            and modifiers.place <= 50
            and not array_contains(drawn_collections.attributes.attribute_id, modifiers.attribute_id)

),

numbered as (

    select
        challenges.*,
        row_number() over (partition by challenges.challenge order by challenges.combination_id) as place
    from (
        select * from unattested
        union all
        select * from contradictory
    ) as challenges

),

combinations as (

    select
        combination_id,
        attribute_ids,
        challenge
    from numbered
    where place <= if(challenge = 'shuffled', 150, 50)

),

carried as (

    select
        product_id,
        attribute_id,
        1d as score
    from product_attributes

),

{{ overlap_join('combinations', 'combination_id', 'carried', 0, 1) }},

counted as (

    select
        combinations.*,
        coalesce(overlap_sets.products, 0) as carriers
    from combinations
    left join overlap_sets on combinations.combination_id = overlap_sets.combination_id

),

final as (

    select
        combination_id,
        attribute_ids,
        carriers,
        challenge
    from counted
    -- Neither is what so many products carry, though as variants or sold out they are too few for a page.
    where challenge = 'contradictory' or carriers < {{ var('min_collection_size') }}

)

select * from final
