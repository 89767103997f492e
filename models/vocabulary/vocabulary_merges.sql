{#- Our setting: how much more frequent the centre of a misspelling is. -#}
{%- set misspelling_ratio = 10 -%}
with

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

merge_candidates as (

    select * from {{ ref('merge_candidates') }}

),

nearest as (

    select
        *,
        row_number() over (partition by facet, value order by candidate_products desc, candidate asc) as choice
    from merge_candidates
    where
        arrays_overlap(evidence, array('letters swapped or doubled', 'one letter differs'))
        and products * {{ misspelling_ratio }} <= candidate_products

),

-- What speaks for a centre speaks for those of its spellings only that have its letters, not for its aliases.
stars as (

    select
        facet,
        centre,
        bool_and({{ compact_key('value') }} = {{ compact_key('centre') }}) as has_one_spelling
    from vocabulary_spellings
    group by facet, centre

),

-- Never transitive: a centre that is itself a misspelling takes nobody in. "Planner" and "planter" are a letter apart
-- too, so only letters that are swapped or doubled are sure; for the others people decide.
misspelled as (

    select
        nearest.facet,
        nearest.value,
        nearest.candidate as centre,
        array_contains(nearest.evidence, 'letters swapped or doubled')
        and length(nearest.value) >= 7
        and stars.has_one_spelling as is_sure
    from nearest
    inner join stars on nearest.facet = stars.facet and nearest.value = stars.centre
    left anti join nearest as other on nearest.facet = other.facet and nearest.candidate = other.value
    where nearest.choice = 1

),

final as (

    select
        vocabulary_spellings.facet,
        vocabulary_spellings.value,
        vocabulary_spellings.products,
        if(coalesce(misspelled.is_sure, false), misspelled.centre, vocabulary_spellings.centre) as merged_value,
        if(misspelled.is_sure, null, misspelled.centre) as waits_for,
        case
            when misspelled.is_sure then 'a misspelling: letters swapped or doubled, and far less frequent'
            when vocabulary_spellings.aliased_value != vocabulary_spellings.value then 'an alias in value_aliases'
            when vocabulary_spellings.centre != vocabulary_spellings.value
                then 'the same words, spelled, separated or inflected differently'
        end as reason
    from vocabulary_spellings
    left join misspelled
        on vocabulary_spellings.facet = misspelled.facet and vocabulary_spellings.centre = misspelled.value

)

select * from final
