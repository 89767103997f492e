{%- set is_kept = "coalesce(vocabulary_review_answers.answer.decision = 'keep', false)" -%}
{%- set is_reviewed = "(vocabulary_rules.reviewed or " ~ is_kept ~ ")" -%}
with

vocabulary_rules as (

    select * from {{ ref('vocabulary_rules') }}

),

vocabulary_review_answers as (

    select * from {{ ref('vocabulary_review_answers') }}

),

final as (

    select
        vocabulary_rules.facet,
        vocabulary_rules.value,
        vocabulary_rules.products,
        vocabulary_rules.merged_into,
        case
            when vocabulary_review_answers.answer.error is not null then 'waiting'
            when vocabulary_review_answers.answer.decision in ('unsafe', 'unsearchable')
                then vocabulary_review_answers.answer.decision
            {% if var('require_review') -%}
                when vocabulary_rules.state = 'kept' and not {{ is_reviewed }} then 'waiting'
            {%- endif %}
            else vocabulary_rules.state
        end as state,
        case
            when vocabulary_review_answers.answer.error is not null
                then concat('the review failed: ', vocabulary_review_answers.answer.error)
            when vocabulary_review_answers.answer.decision in ('unsafe', 'unsearchable')
                then concat_ws(': ', 'model', vocabulary_review_answers.answer.reason)
            {% if var('require_review') -%}
                when vocabulary_rules.state = 'kept' and not {{ is_reviewed }}
                    then 'nobody has reviewed it, and require_review is on'
            {%- endif %}
            else vocabulary_rules.reason
        end as reason,
        vocabulary_rules.reviewed
    from vocabulary_rules
    left join vocabulary_review_answers
        on
            vocabulary_rules.facet = vocabulary_review_answers.facet
            and vocabulary_rules.value = vocabulary_review_answers.value

)

select * from final
