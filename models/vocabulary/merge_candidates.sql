with

vocabulary_centres as (

    select * from {{ ref('vocabulary_centres') }}

),

candidates_by_spelling as (

    select * from {{ ref('candidates_by_spelling') }}

),

candidates_by_meaning as (

    select * from {{ ref('candidates_by_meaning') }}

),

candidates_by_product as (

    select * from {{ ref('candidates_by_product') }}

),

candidates_by_embedding as (

    select * from {{ ref('candidates_by_embedding') }}

),

word_contrasts as (

    select * from {{ ref('word_contrasts') }}

),

contrast_groups as (

    select * from {{ ref('contrast_groups') }}

),

facet_values as (

    select * from {{ ref('facet_values') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

found as (

    select
        facet,
        value,
        candidate,
        evidence,
        cast(null as double) as similarity,
        evidence != 'possible synonyms' as needs_veto
    from (
        select * from candidates_by_spelling
        union all
        select * from candidates_by_meaning
        union all
        select * from candidates_by_product
    ) as worded
    union all
    select
        facet,
        value,
        candidate,
        evidence,
        similarity,
        true as needs_veto
    from candidates_by_embedding

),

-- Around the more frequent one.
directed as (

    select
        found.facet,
        rare.value,
        frequent.value as candidate,
        rare.products,
        frequent.products as candidate_products,
        array_except(rare.words, frequent.words) as own_words,
        array_except(frequent.words, rare.words) as candidate_words,
        array_sort(collect_set(found.evidence)) as evidence,
        max(found.similarity) as similarity,
        bool_and(found.needs_veto) as needs_veto
    from found
    inner join vocabulary_centres as rare on found.facet = rare.facet and found.value = rare.value
    inner join vocabulary_centres as frequent on found.facet = frequent.facet and found.candidate = frequent.value
    where struct(rare.products, frequent.value) < struct(frequent.products, rare.value)
    group by
        found.facet,
        rare.value,
        frequent.value,
        rare.products,
        frequent.products,
        array_except(rare.words, frequent.words),
        array_except(frequent.words, rare.words)

),

lexicon as (

    select
        facet,
        {{ normalized_value('value') }} as value
    from facet_values

),

lone_words as (

    select distinct word
    from contrast_groups
    where alone

),

word_pairs as (

    select
        facet,
        value,
        candidate,
        own_word,
        candidate_word
    from directed
        lateral view explode(own_words) own as own_word
        lateral view explode(candidate_words) other as candidate_word

),

vetoed as (

    select distinct
        word_pairs.facet,
        word_pairs.value,
        word_pairs.candidate
    from word_pairs
    left join word_contrasts
        on word_pairs.own_word = word_contrasts.word and word_pairs.candidate_word = word_contrasts.contrast
    left join lone_words as own_lone on word_pairs.own_word = own_lone.word
    left join lone_words as candidate_lone on word_pairs.candidate_word = candidate_lone.word
    where
        word_contrasts.word is not null
        or own_lone.word is not null
        or candidate_lone.word is not null
        or word_pairs.own_word rlike '\\p{N}|less$'
        or word_pairs.candidate_word rlike '\\p{N}|less$'
        or exists(array('un', 'in', 'non'), no -> word_pairs.own_word = concat(no, word_pairs.candidate_word))
        or exists(array('un', 'in', 'non'), no -> word_pairs.candidate_word = concat(no, word_pairs.own_word))

),

parents as (

    select * from {{ ref('value_parents') }}

),

-- The seeds keep apart two values of facet_values, a value and its parent; so does one that holds the other's words.
kept_apart as (

    select
        directed.facet,
        directed.value,
        directed.candidate
    from directed
    inner join lexicon as own_value on directed.facet = own_value.facet and directed.value = own_value.value
    inner join lexicon as candidate_value
        on directed.facet = candidate_value.facet and directed.candidate = candidate_value.value
    union distinct
    select
        directed.facet,
        directed.value,
        directed.candidate
    from directed
    inner join parents
        on
            directed.facet = parents.facet
            and (
                (directed.value = parents.value and directed.candidate = parents.parent)
                or (directed.candidate = parents.value and directed.value = parents.parent)
            )
    union distinct
    select
        facet,
        value,
        candidate
    from directed
    where
        size(own_words) = 0
        or size(candidate_words) = 0
        or concat(' ', {{ match_key('value') }}, ' ') like concat('% ', {{ match_key('candidate') }}, ' %')
        or concat(' ', {{ match_key('candidate') }}, ' ') like concat('% ', {{ match_key('value') }}, ' %')

),

final as (

    select
        directed.facet,
        directed.value,
        directed.candidate,
        directed.products,
        directed.candidate_products,
        directed.evidence,
        directed.similarity
    from directed
    left join vetoed
        on
            directed.facet = vetoed.facet
            and directed.value = vetoed.value
            and directed.candidate = vetoed.candidate
    left anti join kept_apart
        on
            directed.facet = kept_apart.facet
            and directed.value = kept_apart.value
            and directed.candidate = kept_apart.candidate
    where not directed.needs_veto or vetoed.value is null

)

select * from final
