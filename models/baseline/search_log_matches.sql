{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

title_search_index as (

    select * from {{ ref('title_search_index') }}

),

queries as (

    select
        query,
        {{ combination_id('attribute_ids') }} as combination_id,
        searches,
        asked_words as words
    from search_query_attributes
    where
        is_public
        and size(attribute_ids) > 0

),

catalog as (

    select
        count(*) as titles,
        avg(title_length) as mean_title_length
    from title_search_index

),

-- Every word is there, almost always once: BM25 with a term frequency of 1, k1 = 1.2 and b = 0.75 is 2.2 / 1.3 times
-- the words' weights times this, which is the title's alone and at most 1.
postings as (

    select
        title_search_index.product_id,
        explode(title_search_index.words) as attribute_id,
        1.3 / (1.3 + 0.9 * title_search_index.title_length / catalog.mean_title_length) as score
    from title_search_index
    cross join catalog

),

word_counts as (

    select
        attribute_id as word,
        count(*) as titles
    from postings
    group by attribute_id

),

query_words as (

    select
        query,
        explode(words) as word
    from queries

),

-- BM25's weight of a word (Robertson and Zaragoza 2009, with the 1 inside the logarithm that keeps it positive).
weighted as (

    select
        query_words.query,
        count(*) as known_words,
        round(sum(ln(1 + (catalog.titles - word_counts.titles + 0.5) / (word_counts.titles + 0.5))), 9) as weight
    from query_words
    inner join word_counts on query_words.word = word_counts.word
    cross join catalog
    group by query_words.query

),

findable as (

    select
        queries.query,
        queries.combination_id,
        queries.searches,
        queries.words as attribute_ids,
        weighted.weight
    from queries
    inner join weighted on queries.query = weighted.query
    where weighted.known_words = size(queries.words)

),

{{ overlap_join('findable', 'query', 'postings', 0) }},

final as (

    select
        overlap_products.query,
        findable.combination_id,
        findable.searches,
        overlap_products.product_id,
        overlap_products.rank,
        overlap_products.products,
        round(findable.weight * 2.2 / 1.3 * overlap_products.relevance, 6) as relevance
    from overlap_products
    inner join findable on overlap_products.query = findable.query
    where overlap_products.products >= {{ var('min_collection_size') }}

)

select * from final
