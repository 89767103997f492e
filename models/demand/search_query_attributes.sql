with

stg_search_queries as (

    select * from {{ ref('stg_search_queries') }}

),

vocabulary_phrases as (

    select * from {{ ref('vocabulary_phrases') }}

),

queries as (

    select
        query,
        searches,
        is_public,
        {{ search_words('query') }} as words
    from stg_search_queries

),

starts as (

    select
        query,
        words,
        explode(sequence(1, size(words))) as first_word
    from queries
    where size(words) > 0

),

lengths as (

    select
        query,
        words,
        first_word,
        explode(sequence(1, least(5, size(words) - first_word + 1))) as phrase_length
    from starts

),

matches as (

    select
        lengths.query,
        struct(
            -lengths.phrase_length as shortness,
            lengths.first_word,
            lengths.first_word + lengths.phrase_length as next_word,
            vocabulary_phrases.attribute_id
        ) as hit
    from lengths
    inner join vocabulary_phrases
        on array_join(slice(lengths.words, lengths.first_word, lengths.phrase_length), ' ') = vocabulary_phrases.phrase

),

-- Longest first, then leftmost; what overlaps a match already taken is dropped.
chosen as (

    select
        query,
        aggregate(
            sort_array(collect_list(hit)),
            cast(
                array() as array<struct<shortness: int, first_word: int, next_word: int, attribute_id: string>>
            ),
            (taken, hit) -> if(
                exists(taken, other -> other.first_word < hit.next_word and hit.first_word < other.next_word),
                taken,
                concat(taken, array(hit))
            )
        ) as taken
    from matches
    group by query

),

final as (

    select
        queries.query,
        queries.searches,
        queries.is_public,
        queries.words,
        array_sort(array_distinct(coalesce(chosen.taken.attribute_id, cast(array() as array<string>)))) as attribute_ids
    from queries
    left join chosen on queries.query = chosen.query

)

select * from final
