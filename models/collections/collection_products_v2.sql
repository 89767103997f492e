{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

collections as (

    select * from {{ ref('collections') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

pair_count as (

    select count(*) as pairs
    from product_attributes

),

collection_count as (

    select count(*) as collections
    from collections

),

task_counts as (

    select
        cast(
            greatest(
                1,
                ceil(pair_count.pairs / {{ var('pairs_per_shard') }}),
                least(ceil(pair_count.pairs / {{ var('fewest_pairs_per_shard') }}), {{ matching_tasks() }})
            ) as int
        ) as shards,
        cast(greatest(1, ceil(collection_count.collections / {{ var('collections_per_block') }})) as int) as blocks
    from pair_count
    cross join collection_count

),

needed as (

    select
        collection_id,
        explode(transform(attributes, attribute -> attribute.attribute_id)) as attribute_id
    from collections

),

needed_attributes as (

    select array_sort(collect_set(attribute_id)) as attribute_ids
    from needed

),

-- With the counts beside them, so that pairs and needs meet one small table only.
numbered_attributes as (

    select
        task_counts.shards,
        task_counts.blocks,
        posexplode(needed_attributes.attribute_ids) as (attribute_number, attribute_id)
    from needed_attributes
    cross join task_counts

),

sharded_pairs as (

    select
        product_attributes.product_id,
        numbered_attributes.attribute_number,
        numbered_attributes.blocks,
        pmod(xxhash64(product_attributes.product_id), numbered_attributes.shards) as shard,
        explode(sequence(0, numbered_attributes.blocks - 1)) as block,
        case
            when product_attributes.score between 0 and 1 then {{ score_millionths('product_attributes.score') }}
            else raise_error(concat('product_attributes.score must be 0 to 1, not ', product_attributes.score))
        end as score
    from product_attributes
    inner join numbered_attributes on product_attributes.attribute_id = numbered_attributes.attribute_id
    where product_attributes.score is not null

),

blocked_needs as (

    select
        needed.collection_id,
        numbered_attributes.attribute_number,
        numbered_attributes.blocks,
        pmod(xxhash64(needed.collection_id), numbered_attributes.blocks) as block,
        explode(sequence(0, numbered_attributes.shards - 1)) as shard
    from needed
    inner join numbered_attributes on needed.attribute_id = numbered_attributes.attribute_id

),

-- Every shard with every block: its pairs, and what the block's collections need. Few columns, as these are shuffled.
tasks as (

    select
        {{ spread_number('shard * blocks + block') }} as task_number,
        product_id as id,
        shiftleft(cast(attribute_number as bigint), 20) | score as entry
    from sharded_pairs
    union all
    select
        {{ spread_number('shard * blocks + block') }} as task_number,
        collection_id as id,
        cast(-1 - attribute_number as bigint) as entry
    from blocked_needs

),

matched as (

    select *
    from {{ call_for_each('match_products', 'tasks', 'task_number', [var('relevance_threshold') ~ 'd', var('top_k')]) }}

),

-- The best of all shards are among the best of each. Entries are a shortfall in seven digits and a product_id: lists
-- that are sorted already merge in one pass.
merged as (

    select
        collection_id,
        sum(products) as products,
        slice(sort_array(flatten(collect_list(best))), 1, {{ var('top_k') }}) as best
    from matched
    group by collection_id

),

listed as (

    select
        collection_id,
        products,
        posexplode(best) as (position, entry)
    from merged
    where products >= {{ var('retire_size') }}

),

ranked as (

    select
        collection_id,
        products,
        cast(left(entry, 7) as int) as shortfall,
        substring(entry, 8) as product_id,
        position + 1 as rank
    from listed

),

final as (

    select
        collection_id,
        product_id,
        products,
        rank,
        (1000000 - shortfall) / 1000000d as relevance
    from ranked

)

select * from final
