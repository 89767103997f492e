with

stg_search_queries as (

    select * from {{ ref('stg_search_queries') }}

),

vocabulary_phrases as (

    select * from {{ ref('vocabulary_phrases') }}

),

title_words as (

    select * from {{ ref('title_words') }}

),

shopping_words as (

    select * from {{ ref('shopping_words') }}

),

-- Words that ask for nothing a product has. A negation asks for its opposite, and "long" or "xl" for what it says.
empty_words as (

    select word
    from title_words
    where
        role in ('cut', 'joiner')
        and word not in ('no', 'not', 'without')
    union distinct
    select word
    from shopping_words

),

empty_phrases as (

    select {{ search_words('word') }} as words
    from empty_words

),

empty as (

    select flatten(collect_list(words)) as words
    from empty_phrases

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

read as (

    select
        queries.query,
        queries.searches,
        queries.is_public,
        queries.words,
        array_sort(array_distinct(coalesce(chosen.taken.attribute_id, cast(array() as array<string>))))
            as attribute_ids,
        flatten(transform(chosen.taken, hit -> sequence(hit.first_word, hit.next_word - 1))) as matched_places
    from queries
    left join chosen on queries.query = chosen.query

),

worded as (

    select
        read.* except (matched_places),
        array_sort(array_distinct(array_except(
            filter(
                read.words,
                (word, place) -> not array_contains(coalesce(read.matched_places, array()), place + 1)
            ),
            empty.words
        ))) as other_words,
        array_distinct(filter(
            read.words,
            (word, place) -> array_contains(coalesce(read.matched_places, array()), place + 1)
            or not array_contains(empty.words, word)
        )) as asked_words
    from read
    cross join empty

),

final as (

    select
        *,
        {{ combination_id('concat(attribute_ids, ' ~ word_terms('other_words') ~ ')') }} as demand_id
    from worded

)

select * from final
