with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

possible_synonyms as (

    select * from {{ ref('possible_synonyms') }}

),

word_spellings as (

    select * from {{ ref('word_spellings') }}

),

spellings as (

    select coalesce(map_from_entries(collect_list(struct(word, standard))), map('', '')) as standards
    from word_spellings

),

phrases as (

    select
        facet,
        value
    from extracted_attributes
    union distinct
    select
        facet,
        {{ normalized_value('phrase') }} as value
    from possible_synonyms

),

-- A seed's own value stands for itself: an alias inside it ("dot" in "polka dot") is left alone. "Tote bag" is a tote,
-- and "chino pant" a chino.
named as (

    select
        facet,
        alias as phrase,
        value
    from value_aliases
    union all
    select
        facet,
        value as phrase,
        value
    from value_aliases
    union all
    select
        facet,
        concat(value, ' ', parent) as phrase,
        value
    from value_parents
    where facet = 'product_type'
    union all
    select
        value_parents.facet,
        concat(value_parents.value, ' ', value_aliases.alias) as phrase,
        value_parents.value
    from value_parents
    inner join value_aliases
        on value_parents.facet = value_aliases.facet and value_parents.parent = value_aliases.value
    where value_parents.facet = 'product_type'

),

-- Inside the name of a thing, words of the closed facets have their other spellings too ("checkered shirt").
known as (

    select
        facet,
        {{ normalized_value('phrase') }} as phrase,
        {{ normalized_value('value') }} as value,
        0 as origin
    from named
    union all
    select
        facet,
        phrase,
        value,
        1 as origin
    from closed_lexicon
    union all
    select
        'product_type' as facet,
        phrase,
        value,
        2 as origin
    from closed_lexicon
    where not ambiguous and size(split(value, ' ')) <= 2

),

standard_known as (

    select
        known.facet,
        array_join({{ standard_words('known.phrase', 'spellings.standards') }}, ' ') as phrase,
        min_by(
            {{ standard_words('known.value', 'spellings.standards') }}, struct(known.origin, known.phrase, known.value)
        ) as replacement
    from known
    cross join spellings
    group by 1, 2

),

worded as (

    select
        phrases.facet,
        phrases.value,
        {{ standard_words('phrases.value', 'spellings.standards') }} as words
    from phrases
    cross join spellings

),

runs as (

    select
        *,
        explode(sequence(1, least(4, size(words) - first_word + 1))) as run_words
    from (
        select
            *,
            explode(sequence(1, size(words))) as first_word
        from worded
    ) as started

),

matched as (

    select
        runs.facet,
        runs.value,
        array_sort(
            collect_list(struct(runs.first_word, -runs.run_words as negative_words, standard_known.replacement))
        ) as matches
    from runs
    inner join standard_known
        on
            runs.facet = standard_known.facet
            and array_join(slice(runs.words, runs.first_word, runs.run_words), ' ') = standard_known.phrase
    group by 1, 2

),

-- From left to right, the longest name first.
replaced as (

    select
        worded.facet,
        worded.value,
        worded.words,
        aggregate(
            coalesce(matched.matches, array()),
            struct(1 as place, cast(array() as array<string>) as words),
            (done, found) -> if(
                found.first_word < done.place,
                done,
                struct(
                    found.first_word - found.negative_words as place,
                    concat(
                        done.words, slice(worded.words, done.place, found.first_word - done.place), found.replacement
                    ) as words
                )
            )
        ) as done
    from worded
    left join matched on worded.facet = matched.facet and worded.value = matched.value

),

final as (

    select
        replaced.facet,
        replaced.value,
        concat(replaced.done.words, slice(replaced.words, replaced.done.place, size(replaced.words))) as words
    from replaced

)

select * from final
