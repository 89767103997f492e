{#- The CTEs `pair_count` to `overlap_products`: which products carry all attributes of a set. `sets` is a CTE with a row for each set: its
    `id` and attribute_ids (distinct ones); `pairs` has product_id, attribute_id, score (0 to 1; pairs without one are left out). A product
    counts when its relevance, the mean score of these attributes, reaches relevance_threshold; top_k=none lists all that count.

    `overlap_sets` (with a top_k): one row per set that any product counts for: `id`, products (all that count), best (the first top_k, as entries).
    `overlap_products`: one row per set and listed product: `id`, product_id, products, rank, relevance.

    The model wants the hooks measure_no_batches and measure_batches. -#}
{% macro overlap_join(sets, id, pairs, relevance_threshold, top_k=none) -%}
pair_count as (

    select count(*) as pairs
    from {{ pairs }}

),

needed as (

    select
        {{ id }},
        posexplode(attribute_ids) as (position, attribute_id)
    from {{ sets }}

),

needed_attributes as (

    select
        count_if(position = 0) as sets,
        array_sort(collect_set(attribute_id)) as attribute_ids
    from needed

),

task_counts as (

    select
        needed_attributes.attribute_ids,
        cast(
            greatest(
                1,
                ceil(pair_count.pairs / {{ var('pairs_per_shard') }}),
                least(ceil(pair_count.pairs / {{ var('fewest_pairs_per_shard') }}), {{ matching_tasks() }})
            ) as int
        ) as shards,
        cast(greatest(1, ceil(needed_attributes.sets / {{ var('collections_per_block') }})) as int) as blocks
    from needed_attributes
    cross join pair_count

),

-- With the counts beside them, so that pairs and needs meet one small table only.
numbered_attributes as (

    select
        shards,
        blocks,
        posexplode(attribute_ids) as (attribute_number, attribute_id)
    from task_counts

),

sharded_pairs as (

    select
        {{ pairs }}.product_id,
        numbered_attributes.attribute_number,
        numbered_attributes.blocks,
        pmod(xxhash64({{ pairs }}.product_id), numbered_attributes.shards) as shard,
        explode(sequence(0, numbered_attributes.blocks - 1)) as block,
        case
            when {{ pairs }}.score between 0 and 1 then {{ score_millionths(pairs ~ '.score') }}
            else raise_error(concat('{{ pairs }}.score must be 0 to 1, not ', {{ pairs }}.score))
        end as score
    from {{ pairs }}
    inner join numbered_attributes on {{ pairs }}.attribute_id = numbered_attributes.attribute_id
    where {{ pairs }}.score is not null

),

blocked_needs as (

    select
        needed.{{ id }},
        numbered_attributes.attribute_number,
        numbered_attributes.blocks,
        pmod(xxhash64(needed.{{ id }}), numbered_attributes.blocks) as block,
        explode(sequence(0, numbered_attributes.shards - 1)) as shard
    from needed
    inner join numbered_attributes on needed.attribute_id = numbered_attributes.attribute_id

),

-- Every shard with every block: its pairs, and what the block's sets need. Few columns, as these are shuffled.
tasks as (

    select
        {{ spread_number('shard * blocks + block') }} as task_number,
        product_id as id,
        shiftleft(cast(attribute_number as bigint), 20) | score as entry
    from sharded_pairs
    union all
    select
        {{ spread_number('shard * blocks + block') }} as task_number,
        {{ id }} as id,
        cast(-1 - attribute_number as bigint) as entry
    from blocked_needs

),

matched as (

    select *
    from {{ call_for_each('match_products', 'tasks', 'task_number', [relevance_threshold ~ 'd', 2147483647 if top_k is none else top_k]) }}

),

{% if top_k is none -%}
-- A list of all could be longer than a row may be: shards' lists stay apart.
listed as (

    select
        collection_id as {{ id }},
        explode(best) as entry
    from matched

),

counted_products as (

    select
        {{ id }},
        substring(entry, 8) as product_id,
        count(*) over (partition by {{ id }}) as products,
        cast(row_number() over (partition by {{ id }} order by entry) as int) as rank,
        entry
    from listed

),
{%- else -%}
-- The best of all shards are among the best of each. Entries are a shortfall in seven digits and a product_id: lists
-- that are sorted already merge in one pass.
overlap_sets as (

    select
        collection_id as {{ id }},
        sum(products) as products,
        slice(sort_array(flatten(collect_list(best))), 1, {{ top_k }}) as best
    from matched
    group by collection_id

),

listed as (

    select
        {{ id }},
        products,
        posexplode(best) as (position, entry)
    from overlap_sets

),

counted_products as (

    select
        {{ id }},
        substring(entry, 8) as product_id,
        products,
        position + 1 as rank,
        entry
    from listed

),
{%- endif %}

overlap_products as (

    select
        * except (entry),
        (1000000 - cast(left(entry, 7) as int)) / 1000000d as relevance
    from counted_products

)
{%- endmacro %}
