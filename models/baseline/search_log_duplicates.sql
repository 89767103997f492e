with

search_log_topics as (

    select * from {{ ref('search_log_topics') }}

),

search_log_matches as (

    select * from {{ ref('search_log_matches') }}

),

worded as (

    select
        query,
        {{ search_words('title') }} as words,
        struct(-searches as weakness, query) as strength
    from search_log_topics

),

topics as (

    select
        query,
        strength,
        {{ title_key('words') }} as title_key
    from worded

),

same_words as (

    select
        topics.query,
        stronger.strength,
        'same words in the title' as reason
    from topics
    inner join topics as stronger on topics.title_key = stronger.title_key and topics.strength > stronger.strength

),

members as (

    select
        topics.query,
        topics.strength,
        search_log_matches.product_id,
        search_log_matches.products,
        row_number() over (
            partition by topics.query
            order by xxhash64(search_log_matches.product_id) asc, search_log_matches.product_id asc
        ) as place
    from topics
    inner join search_log_matches on topics.query = search_log_matches.query

),

-- As in page_duplicates: sets as similar as that share one of their first products in any one order.
prefixes as (

    select *
    from members
    where place <= products - ceil({{ var('near_duplicate_overlap') }} * products) + 1

),

pairs as (

    select distinct
        prefixes.query,
        stronger.query as stronger_query,
        stronger.strength,
        prefixes.products,
        stronger.products as stronger_products
    from prefixes
    inner join prefixes as stronger
        on
            prefixes.product_id = stronger.product_id
            and prefixes.strength > stronger.strength
            and least(prefixes.products, stronger.products)
            >= {{ var('near_duplicate_overlap') }} * greatest(prefixes.products, stronger.products)

),

same_products as (

    select
        pairs.query,
        pairs.strength,
        'nearly the same products' as reason
    from pairs
    inner join members on pairs.query = members.query
    inner join members as stronger
        on pairs.stronger_query = stronger.query and members.product_id = stronger.product_id
    group by pairs.query, pairs.strength
    having
        count(*) / (max(pairs.products) + max(pairs.stronger_products) - count(*))
        >= {{ var('near_duplicate_overlap') }}

),

all_pairs as (

    select * from same_words
    union all
    select * from same_products

),

final as (

    select
        query,
        min(strength).query as stronger_query,
        min_by(reason, struct(strength, reason)) as reason
    from all_pairs
    group by query

)

select * from final
