with

facet_values as (

    select * from {{ ref('facet_values') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

value_modifiers as (

    select * from {{ ref('value_modifiers') }}

),

facets as (

    select * from {{ ref('facets') }}

),

-- A listed value that people made an alias of another is no value of its own any more.
listed as (

    select facet_values.*
    from facet_values
    left anti join value_aliases
        on
            facet_values.facet = value_aliases.facet
            and {{ normalized_value('facet_values.value') }} = {{ normalized_value('value_aliases.alias') }}

),

named as (

    select
        facet,
        value as spelling,
        value,
        ambiguous
    from listed
    union all
    select
        facet,
        alias as spelling,
        value,
        ambiguous
    from value_aliases

),

-- "dark" + "green": only one-word values take a modifier, and the pair is never ambiguous ("light gold" is a colour).
-- Black and white have no shades: "light white stained pine" is not one.
modified as (

    select
        named.facet,
        false as ambiguous,
        concat(value_modifiers.modifier, ' ', named.spelling) as spelling,
        concat(value_modifiers.modifier, ' ', named.value) as value
    from named
    inner join value_modifiers on named.facet = value_modifiers.facet
    where
        named.spelling not like '% %'
        and (named.value not in ('black', 'white') or value_modifiers.modifier in ('matte', 'high-gloss'))

),

spelled as (

    select
        facet,
        spelling,
        value,
        ambiguous,
        0 as origin
    from named
    union all
    select
        facet,
        spelling,
        value,
        ambiguous,
        1 as origin
    from modified

),

keyed as (

    select
        spelled.facet,
        {{ normalized_value('spelled.spelling') }} as spelling,
        {{ normalized_value('spelled.value') }} as value,
        spelled.ambiguous,
        spelled.origin,
        {{ match_key(normalized_value('spelled.spelling')) }} as phrase,
        facets.in_type
    from spelled
    inner join facets on spelled.facet = facets.facet and facets.kind = 'closed'

),

ranked as (

    select
        *,
        row_number()
            over (partition by facet, phrase order by origin asc, ambiguous asc, spelling = value desc, spelling)
            as choice
    from keyed

),

final as (

    select
        facet,
        phrase,
        spelling,
        value,
        ambiguous,
        in_type,
        split(phrase, ' ')[0] as first_word,
        size(split(phrase, ' ')) as words
    from ranked
    where choice = 1

)

select * from final
