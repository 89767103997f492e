with

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

merge_candidates as (

    select * from {{ ref('merge_candidates') }}

),

-- Unsafe and unsearchable values are no matter of settings; the others are read as if nobody had cut by frequency.
searchable as (

    select
        facet,
        value,
        coalesce(merged_into, value) as merged_value
    from vocabulary_decisions
    where state not in ('unsafe', 'unsearchable')

),

nearest as (

    select
        facet,
        value,
        max_by(candidate, struct(similarity, candidate)) as candidate,
        max(similarity) as similarity
    from merge_candidates
    where similarity is not null
    group by facet, value

),

similarities as (

    select
        posexplode(cast(array({{ var('sensitivity_similarities') | join(', ') }}) as array<double>))
            as (place, min_similarity)

),

-- Each way to merge: not at all, as the rules do, and as if nearness alone decided, from each similarity on.
final as (

    select
        'none' as merging,
        cast(null as double) as min_similarity,
        0 as merging_bit,
        facet,
        value,
        value as merged_value
    from searchable
    union all
    select
        'rules' as merging,
        cast(null as double) as min_similarity,
        1 as merging_bit,
        facet,
        value,
        merged_value
    from searchable
    union all
    select
        'nearness too' as merging,
        similarities.min_similarity,
        similarities.place + 2 as merging_bit,
        searchable.facet,
        searchable.value,
        coalesce(nearest.candidate, searchable.merged_value) as merged_value
    from searchable
    cross join similarities
    left join nearest
        on
            searchable.facet = nearest.facet
            and searchable.merged_value = nearest.value
            and similarities.min_similarity <= nearest.similarity

)

select * from final
