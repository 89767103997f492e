with

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

title_search_index as (

    select * from {{ ref('title_search_index') }}

),

queries as (

    select
        query,
        {{ combination_id('attribute_ids') }} as combination_id,
        searches,
        array_distinct(words) as words
    from search_query_attributes
    where
        is_public
        and size(attribute_ids) > 0

),

postings as (

    select
        product_id,
        explode(words) as word
    from title_search_index

),

catalog as (

    select
        count(*) as titles,
        avg(title_length) as mean_title_length
    from title_search_index

),

word_counts as (

    select
        word,
        count(*) as titles
    from postings
    group by word

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
        query_words.word,
        word_counts.titles,
        ln(1 + (catalog.titles - word_counts.titles + 0.5) / (word_counts.titles + 0.5)) as weight
    from query_words
    inner join word_counts on query_words.word = word_counts.word
    cross join catalog

),

-- The rarest word finds the titles, so a query costs as many rows as that word has titles.
rarest as (

    select
        query,
        min_by(word, struct(titles, word)) as word,
        count(*) as known_words,
        round(sum(weight), 9) as weight
    from weighted
    group by query

),

findable as (

    select
        queries.*,
        rarest.word as rarest_word,
        rarest.weight
    from queries
    inner join rarest on queries.query = rarest.query
    where rarest.known_words = size(queries.words)

),

-- Every word is there, almost always once: BM25 with a term frequency of 1, k1 = 1.2 and b = 0.75.
found as (

    select
        findable.query,
        findable.combination_id,
        findable.searches,
        postings.product_id,
        round(
            findable.weight * 2.2
            / (1 + 1.2 * (0.25 + 0.75 * title_search_index.title_length / catalog.mean_title_length)),
            6
        ) as relevance
    from findable
    inner join postings on findable.rarest_word = postings.word
    inner join title_search_index on postings.product_id = title_search_index.product_id
    cross join catalog
    where size(array_except(findable.words, title_search_index.words)) = 0

),

-- A collection's minimum counts distinct items in stock: so does the baseline's.
filled as (

    select found.query
    from found
    inner join products on found.product_id = products.product_id
    where products.in_stock
    group by found.query
    having count(distinct products.item_id) >= {{ var('min_collection_size') }}

),

final as (

    select
        found.*,
        cast(row_number() over (
            partition by found.query order by found.relevance desc, found.product_id asc
        ) as int) as rank,
        count(*) over (partition by found.query) as products
    from found
    inner join filled on found.query = filled.query

)

select * from final
