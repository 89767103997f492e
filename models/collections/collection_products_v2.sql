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

shard_count as (

    select cast(greatest(1, ceil(pairs / {{ var('pairs_per_shard') }})) as int) as shards
    from pair_count

),

block_count as (

    select cast(greatest(1, ceil(collections / {{ var('collections_per_block') }})) as int) as blocks
    from collection_count

),

shards as (

    select explode(sequence(0, shards - 1)) as shard
    from shard_count

),

blocks as (

    select
        blocks,
        explode(sequence(0, blocks - 1)) as block
    from block_count

),

blocked_collections as (

    select
        collections.collection_id,
        collections.attributes,
        block_count.blocks,
        cast(pmod(xxhash64(collections.collection_id), block_count.blocks) as int) as block
    from collections
    cross join block_count

),

numbered_collections as (

    select
        *,
        block + blocks * row_number() over (partition by block order by collection_id) as collection_number
    from blocked_collections

),

needed as (

    select
        block,
        collection_number,
        explode(transform(attributes, attribute -> attribute.attribute_id)) as attribute_id
    from numbered_collections

),

attribute_rows as (

    select explode(transform(attributes, attribute -> attribute.attribute_id)) as attribute_id
    from collections

),

needed_attributes as (

    select distinct attribute_id
    from attribute_rows

),

numbered_attributes as (

    select
        attribute_id,
        cast(row_number() over (order by attribute_id) - 1 as int) as attribute_number
    from needed_attributes

),

sharded_pairs as (

    select
        product_attributes.product_id,
        numbered_attributes.attribute_number,
        pmod(xxhash64(product_attributes.product_id), shard_count.shards) as shard,
        {{ score_millionths('product_attributes.score') }} as score
    from product_attributes
    inner join numbered_attributes on product_attributes.attribute_id = numbered_attributes.attribute_id
    cross join shard_count
    where product_attributes.score is not null

),

-- Every shard with every block: its pairs, and what the block's collections need.
tasks as (

    select
        {{ spread_number('sharded_pairs.shard * blocks.blocks + blocks.block') }} as task_number,
        sharded_pairs.product_id,
        cast(null as bigint) as collection_number,
        sharded_pairs.attribute_number,
        sharded_pairs.score
    from sharded_pairs
    cross join blocks
    union all
    select
        {{ spread_number('shards.shard * block_count.blocks + needed.block') }} as task_number,
        cast(null as string) as product_id,
        needed.collection_number,
        numbered_attributes.attribute_number,
        cast(null as int) as score
    from needed
    inner join numbered_attributes on needed.attribute_id = numbered_attributes.attribute_id
    cross join block_count
    cross join shards

),

matched as (

    select *
    from {{ call_for_each('match_products', 'tasks', 'task_number', [var('relevance_threshold') ~ 'd', var('top_k')]) }}

),

-- The best of all shards are among the best of each.
ranked as (

    select
        collection_number,
        product_id,
        cast(row_number() over (partition by collection_number order by relevance desc, product_id asc) as int) as rank,
        relevance,
        sum(products) over (partition by collection_number) as products
    from matched

),

final as (

    select
        numbered_collections.collection_id,
        ranked.product_id,
        ranked.rank,
        ranked.relevance,
        ranked.products
    from ranked
    inner join numbered_collections on ranked.collection_number = numbered_collections.collection_number
    where
        ranked.rank <= {{ var('top_k') }}
        and ranked.products >= {{ var('min_collection_size') }}

)

select * from final
