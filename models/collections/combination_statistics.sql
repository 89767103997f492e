{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

products as (

    select * from {{ ref('products') }}

),

-- The rarest first: a set that begins with a rare attribute has few products, and is given up early.
numbered_attributes as (

    select
        attribute_id,
        is_product_type,
        products,
        cast(row_number() over (order by products, attribute_id) - 1 as bigint) as attribute_number,
        cast(dense_rank() over (order by facet) - 1 as bigint) as facet_number
    from attribute_statistics

),

attribute_names as (

    select array_sort(collect_list(struct(attribute_number, attribute_id))).attribute_id as attribute_ids
    from numbered_attributes

),

pair_counts as (

    select
        sum(products) as pairs,
        sum(products) / max(catalog_products) as pairs_per_product
    from attribute_statistics

),

product_types as (

    select
        numbered_attributes.attribute_number as product_type_number,
        numbered_attributes.products * pair_counts.pairs_per_product as pairs,
        pair_counts.pairs_per_product,
        greatest(
            least(pair_counts.pairs / {{ matching_tasks() }}, {{ var('pairs_per_shard') }}),
            {{ var('fewest_pairs_per_shard') }}
        ) as pairs_per_task
    from numbered_attributes
    cross join pair_counts
    where numbered_attributes.is_product_type

),

-- Sets of one type need its products only. A type too large for one task is mined in parts, each for sets that begin
-- with some of the attributes; a product goes to the parts of all of its attributes, hence so many more parts.
sized_types as (

    select
        *,
        if(
            pairs > {{ var('pairs_per_shard') }},
            cast(ceil(pairs * pairs_per_product / {{ var('pairs_per_shard') }}) as int),
            1
        ) as parts
    from product_types

),

type_parts as (

    select
        *,
        pairs * least(1, pairs_per_product / parts) as pairs_of_part,
        explode(sequence(0, parts - 1)) as part
    from sized_types

),

-- Parts in a row make a task until it has enough.
part_tasks as (

    select
        product_type_number,
        part,
        floor(
            (sum(pairs_of_part) over (order by product_type_number, part) - pairs_of_part) / pairs_per_task
        ) as task_number
    from type_parts

),

type_tasks as (

    select
        product_type_number,
        array_sort(collect_list(struct(part, task_number))).task_number as task_numbers
    from part_tasks
    group by product_type_number

),

carried as (

    select
        product_attributes.product_id,
        numbered_attributes.is_product_type,
        shiftleft(numbered_attributes.attribute_number, 40)
        | shiftleft(numbered_attributes.facet_number, 20)
        | case
            when product_attributes.score between 0 and 1 then {{ score_millionths('product_attributes.score') }}
            else raise_error(concat('product_attributes.score must be 0 to 1, not ', product_attributes.score))
        end as entry
    from product_attributes
    inner join numbered_attributes on product_attributes.attribute_id = numbered_attributes.attribute_id
    where product_attributes.score is not null

),

described as (

    select
        product_id,
        collect_list(entry) filter (where is_product_type) as product_types,
        collect_list(entry) filter (where not is_product_type) as modifiers
    from carried
    group by product_id

),

typed as (

    select
        product_id,
        sort_array(modifiers) as modifiers,
        explode(product_types) as product_type
    from described

),

placed as (

    select
        typed.*,
        type_tasks.task_numbers,
        transform(
            typed.modifiers, modifier -> cast(shiftright(modifier, 40) % size(type_tasks.task_numbers) as int)
        ) as modifier_parts
    from typed
    inner join type_tasks on shiftright(typed.product_type, 40) = type_tasks.product_type_number

),

-- Sets begin with an attribute of the part and go on with more common ones.
parted as (

    select
        product_id,
        product_type,
        task_numbers,
        part,
        slice(modifiers, position + 1, size(modifiers)) as modifiers
    from (
        select
            *,
            posexplode(modifier_parts) as (position, part)
        from placed
    ) as exploded
    where array_position(modifier_parts, part) = position + 1

),

tasks as (

    select
        {{ spread_number('parted.task_numbers[parted.part]') }} as task_number,
        parted.product_type,
        parted.modifiers,
        parted.part,
        size(parted.task_numbers) as parts,
        if(products.in_stock, products.item_id, null) as item,
        xxhash64(parted.product_id) as id_hash,
        xxhash64(parted.product_id, 'sum') as other_id_hash
    from parted
    inner join products on parted.product_id = products.product_id

),

mined as (

    select *
    from {{ call_for_each(
        'mine_combinations', 'tasks', 'task_number',
        [var('min_collection_size'), var('max_combination_size'), var('relevance_threshold') ~ 'd']
    ) }}

),

named as (

    select
        mined.*,
        array_sort(transform(mined.attributes, attribute -> attribute_names.attribute_ids[attribute])) as attribute_ids,
        attribute_names.attribute_ids[mined.attributes[0]] as product_type_id
    from mined
    cross join attribute_names

),

final as (

    select
        {{ combination_id('attribute_ids') }} as combination_id,
        attribute_ids,
        product_type_id,
        carriers,
        products,
        items,
        -- What set_fingerprint makes of the products' ids.
        xxhash64(products, hash_xor, hash_sum) as products_fingerprint
    from named

)

select * from final
