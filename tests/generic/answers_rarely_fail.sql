{#- Why questions to a model have no answer, and how many, where more failed than max_failure_share allows: a test
    beside each stage's answers, so that `dbt build` ends before tables are made of what is half answered. -#}
{% test answers_rarely_fail(model) %}
    select
        kind,
        count(*) as questions
    from (
        select
            substring_index(answer.error, ':', 1) as kind,
            count(answer.error) over () as failed,
            count(*) over () as asked
        from {{ model }}
    ) as answers
    where
        kind is not null
        and failed > {{ var('max_failure_share') }} * asked
    group by kind
{% endtest %}
