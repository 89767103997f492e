{{ config(materialized='ephemeral') }}

with

vocabulary_centres as (

    select * from {{ ref('vocabulary_centres') }}

),

canonical_values as (

    select * from {{ ref('canonical_values') }}

),

possible_synonyms as (

    select * from {{ ref('possible_synonyms') }}

),

meanings as (

    select distinct
        possible_synonyms.facet,
        possible_synonyms.meaning,
        canonical_values.words
    from possible_synonyms
    inner join canonical_values
        on
            possible_synonyms.facet = canonical_values.facet
            and {{ normalized_value('possible_synonyms.phrase') }} = canonical_values.value

),

starts as (

    select
        facet,
        value,
        words,
        explode(sequence(1, size(words))) as first_word
    from vocabulary_centres

),

meant as (

    select
        starts.facet,
        starts.value,
        starts.words,
        starts.first_word,
        starts.first_word + size(meanings.words) as next_start,
        concat('#', meanings.meaning) as meaning
    from starts
    inner join meanings
        on
            starts.facet = meanings.facet
            and starts.words[starts.first_word - 1] = meanings.words[0]
            and slice(starts.words, starts.first_word, size(meanings.words)) = meanings.words

),

-- "Trash can" and "rubbish bin": one or two phrases of each replaced by what they can mean.
readings as (

    select
        facet,
        value,
        concat_ws(
            ' ',
            slice(words, 1, first_word - 1),
            array(meaning),
            slice(words, next_start, size(words))
        ) as reading
    from meant
    union distinct
    select
        first_phrase.facet,
        first_phrase.value,
        concat_ws(
            ' ',
            slice(first_phrase.words, 1, first_phrase.first_word - 1),
            array(first_phrase.meaning),
            slice(first_phrase.words, first_phrase.next_start, second_phrase.first_word - first_phrase.next_start),
            array(second_phrase.meaning),
            slice(second_phrase.words, second_phrase.next_start, size(second_phrase.words))
        ) as reading
    from meant as first_phrase
    inner join meant as second_phrase
        on
            first_phrase.facet = second_phrase.facet
            and first_phrase.value = second_phrase.value
            and first_phrase.next_start <= second_phrase.first_word

),

final as (

    select distinct
        rare.facet,
        rare.value,
        frequent.value as candidate,
        'possible synonyms' as evidence
    from readings as rare
    inner join readings as frequent
        on rare.facet = frequent.facet and rare.reading = frequent.reading and rare.value != frequent.value

)

select * from final
