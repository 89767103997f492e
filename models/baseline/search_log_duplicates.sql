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
        stronger.query as stronger_id,
        'same words in the title' as reason
    from topics
    inner join topics as stronger on topics.title_key = stronger.title_key and topics.strength > stronger.strength

),

members as (

    select
        topics.query,
        topics.strength,
        search_log_matches.product_id,
        search_log_matches.products as set_size
    from topics
    inner join search_log_matches on topics.query = search_log_matches.query

),

{{ nearly_same_products('members', 'query') }},

all_pairs as (

    select * from same_words
    union all
    select
        *,
        'nearly the same products' as reason
    from nearly_same_products

),

final as (

    select
        all_pairs.query,
        min_by(all_pairs.stronger_id, stronger.strength) as stronger_query,
        min_by(all_pairs.reason, struct(stronger.strength, all_pairs.reason)) as reason
    from all_pairs
    inner join topics as stronger on all_pairs.stronger_id = stronger.query
    group by all_pairs.query

)

select * from final
