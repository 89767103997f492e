with

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

merge_candidates as (

    select * from {{ ref('merge_candidates') }}

),

-- Only what would be published is worth a question.
open_candidates as (

    select
        merge_candidates.facet,
        merge_candidates.value,
        max_by(
            struct(merge_candidates.candidate, vocabulary_decisions.products, merge_candidates.evidence),
            struct(
                size(merge_candidates.evidence),
                coalesce(merge_candidates.similarity, 0),
                vocabulary_decisions.products,
                merge_candidates.candidate
            )
        ) as best,
        max(merge_candidates.similarity) as similarity,
        array_sort(collect_list(merge_candidates.candidate)) as candidates
    from merge_candidates
    inner join vocabulary_decisions
        on
            merge_candidates.facet = vocabulary_decisions.facet
            and merge_candidates.candidate = vocabulary_decisions.value
    where vocabulary_decisions.state in ('kept', 'waiting')
    group by merge_candidates.facet, merge_candidates.value

),

asked as (

    select
        vocabulary_decisions.facet,
        vocabulary_decisions.value,
        vocabulary_decisions.products,
        vocabulary_decisions.state,
        open_candidates.best.candidate,
        open_candidates.best.products as candidate_products,
        open_candidates.similarity,
        coalesce(open_candidates.best.evidence, cast(array() as array<string>)) as evidence,
        coalesce(open_candidates.candidates, cast(array() as array<string>)) as candidates,
        if(
            vocabulary_decisions.state = 'waiting',
            vocabulary_decisions.reason,
            concat('may mean the same as ', open_candidates.best.candidate)
        ) as reason
    from vocabulary_decisions
    left join open_candidates
        on vocabulary_decisions.facet = open_candidates.facet and vocabulary_decisions.value = open_candidates.value
    where
        not vocabulary_decisions.reviewed
        and (
            vocabulary_decisions.state = 'waiting'
            or (vocabulary_decisions.state = 'kept' and open_candidates.value is not null)
        )

),

final as (

    select
        facet,
        value,
        products,
        state,
        reason,
        candidate,
        candidate_products,
        evidence,
        similarity,
        candidates,
        row_number() over (order by products desc, facet asc, value asc) as place,
        coalesce(concat('merge: ', candidate), 'keep') as suggested_decision
    from asked

)

select * from final
order by place
