-- A published value or synonym that holds an unsafe term, or the model called unsafe, and that nobody kept or merged.
with

attributes as (

    select * from {{ ref('attributes') }}

),

unsafe_terms as (

    select * from {{ ref('unsafe_terms') }}

),

vocabulary_review_answers as (

    select * from {{ ref('vocabulary_review_answers') }}

),

value_reviews as (

    select * from {{ ref('value_reviews') }}

),

seen_by_people as (

    select
        facet,
        value,
        decision = 'keep' as is_kept
    from value_reviews
    where decision = 'keep' or decision like 'merge:%'

),

published as (

    select
        facet,
        value as entry,
        explode(concat(array(value), synonyms)) as value
    from attributes

),

unreviewed as (

    select published.*
    from published
    left anti join seen_by_people
        on
            published.facet = seen_by_people.facet
            and if(seen_by_people.is_kept, published.entry, published.value) = seen_by_people.value
            and (
                not seen_by_people.is_kept
                or {{ compact_key('published.value') }} = {{ compact_key('published.entry') }}
            )

),

unsafe_words as (

    select
        unreviewed.facet,
        unreviewed.value,
        concat(unsafe_terms.category, ': ', unsafe_terms.term) as problem
    from unreviewed
    inner join unsafe_terms
        on
            concat(' ', {{ match_key('unreviewed.value') }}, ' ')
            like concat('% ', {{ match_key(normalized_value('unsafe_terms.term')) }}, ' %')

),

unsafe_answers as (

    select
        unreviewed.facet,
        unreviewed.value,
        vocabulary_review_answers.answer.reason as problem
    from unreviewed
    inner join vocabulary_review_answers
        on
            unreviewed.facet = vocabulary_review_answers.facet
            and unreviewed.value = vocabulary_review_answers.value
    where vocabulary_review_answers.answer.decision in ('unsafe', 'unsearchable')

)

select * from unsafe_words
union all
select * from unsafe_answers
