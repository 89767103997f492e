with

vocabulary_merges as (

    select * from {{ ref('vocabulary_merges') }}

),

value_reviews as (

    select * from {{ ref('value_reviews') }}

),

-- Spellings of one address cannot both be values: the one that a person keeps takes the others along.
kept_spellings as (

    select
        facet,
        {{ slug('value') }} as value_slug,
        min(value) as value,
        min_by(reason, value) as reason
    from value_reviews
    where decision = 'keep'
    group by facet, {{ slug('value') }}

),

-- A person's "merge: x" wins over every rule, also over one that says the reverse.
chosen as (

    select
        vocabulary_merges.facet,
        vocabulary_merges.value,
        vocabulary_merges.products,
        vocabulary_merges.waits_for,
        case
            when value_reviews.decision like 'merge:%'
                then {{ merge_target('value_reviews.decision') }}
            when kept_spellings.value is not null and coalesce(value_reviews.decision, 'keep') = 'keep'
                then kept_spellings.value
            when value_reviews.decision is not null or reversed.value is not null then vocabulary_merges.value
            else vocabulary_merges.merged_value
        end as target_value,
        case
            when value_reviews.decision like 'merge:%' then value_reviews.reason
            when kept_spellings.value != vocabulary_merges.value then kept_spellings.reason
            else vocabulary_merges.reason
        end as reason,
        coalesce(value_reviews.decision like 'merge:%', false) as reviewed
    from vocabulary_merges
    left join value_reviews
        on vocabulary_merges.facet = value_reviews.facet and vocabulary_merges.value = value_reviews.value
    left join kept_spellings
        on
            vocabulary_merges.facet = kept_spellings.facet
            and {{ slug('vocabulary_merges.value') }} = kept_spellings.value_slug
    left join value_reviews as reversed
        on
            vocabulary_merges.facet = reversed.facet
            and vocabulary_merges.merged_value = reversed.value
            and reversed.decision like 'merge:%'
            and {{ merge_target('reversed.decision') }} = vocabulary_merges.value

),

moves as (

    select
        facet,
        value,
        target_value
    from chosen
    where value != target_value

),

-- A value that others are merged into and that is merged itself: all end where it ends.
onward as (

    select moves.*
    from moves
    left semi join moves as earlier on moves.facet = earlier.facet and moves.value = earlier.target_value

),

onward_steps as (

    select
        facet,
        map_from_entries(collect_list(struct(value, target_value))) as steps
    from onward
    group by facet

),

-- People can merge in a circle, which ends nowhere: its values stay what they are.
circles as (

    select
        facet,
        value,
        concat('merged in a circle: ', array_join(array_sort(array_distinct(reached)), ', ')) as circle
    from (
        select
            onward.facet,
            onward.value,
            aggregate(
                sequence(1, size(onward_steps.steps)),
                array(onward.target_value),
                (path, hop) -> concat(
                    path, array(coalesce(onward_steps.steps[element_at(path, -1)], element_at(path, -1)))
                )
            ) as reached
        from onward
        inner join onward_steps on onward.facet = onward_steps.facet
    ) as followed
    where array_contains(reached, value)

),

open_steps as (

    select
        onward.facet,
        map_from_entries(collect_list(struct(onward.value, onward.target_value))) as steps
    from onward
    left anti join circles on onward.facet = circles.facet and onward.value = circles.value
    group by onward.facet

),

final as (

    select
        chosen.facet,
        chosen.value,
        chosen.products,
        chosen.waits_for,
        chosen.reason,
        chosen.reviewed,
        circles.circle,
        case
            when circles.value is not null then chosen.value
            when open_steps.facet is null then chosen.target_value
            else aggregate(
                sequence(1, size(open_steps.steps)),
                chosen.target_value,
                (reached, hop) -> coalesce(open_steps.steps[reached], reached)
            )
        end as target_value
    from chosen
    left join circles on chosen.facet = circles.facet and chosen.value = circles.value
    left join open_steps on chosen.facet = open_steps.facet

)

select * from final
