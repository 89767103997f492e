{#- The select that asks the model for titles of the combinations that hold no contradiction; no rows unless
    the provider is openai. -#}
{% macro title_answers(evidence, heuristic_titles) %}
with

model_terms as (

    {{ model_terms(ref('model_prices')) }}

),

questions as (

    {{ title_questions(evidence, heuristic_titles) }}

),

final as (

    select
        questions.combination_id,
        title_collection_by_model(
            questions.attributes, model_terms.model, model_terms.cache, model_terms.terms
        ) as answer
    from questions
    cross join model_terms
    where {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

)

select * from final
{% endmacro %}

{#- The select of the titles to go by: the model's where the provider is openai, else the heuristic's. A combination that
    the heuristic finds contradictory stays invalid, and so is one whose title or description by the model holds an unsafe term
    that none of its values holds; one whose call failed has no quality and is not published. -#}
{% macro chosen_titles(evidence, heuristic_titles, title_answers, unsafe_terms) %}
with

evidence as (

    select * from {{ evidence }}

),

heuristic_titles as (

    select * from {{ heuristic_titles }}

),

title_answers as (

    select * from {{ title_answers }}

),

unsafe_terms as (

    select * from {{ unsafe_terms }}

),

written as (

    select
        title_answers.combination_id,
        {{ title_text('title_answers.answer.title', 'title_answers.answer.description') }} as text,
        {{ values_text('evidence.attributes') }} as allowed
    from title_answers
    inner join evidence on title_answers.combination_id = evidence.combination_id
    where title_answers.answer.valid

),

unsafe_titles as (

    {{ unsafe_texts('written', 'unsafe_terms', ['combination_id'], allowed=true) }}

),

final as (

    select
        heuristic_titles.combination_id,
        case
            when title_answers.combination_id is null then heuristic_titles.titled
            when unsafe_titles.combination_id is not null
                then struct(
                    false as valid,
                    cast(null as string) as title,
                    cast(null as string) as description,
                    1d as quality,
                    'openai' as quality_source,
                    array_append(
                        title_answers.answer.problems, concat('its text is unsafe, ', unsafe_titles.unsafe_term)
                    ) as problems,
                    title_answers.answer.error
                )
            else struct(
                title_answers.answer.valid,
                title_answers.answer.title,
                title_answers.answer.description,
                title_answers.answer.quality,
                'openai' as quality_source,
                title_answers.answer.problems,
                title_answers.answer.error
            )
        end as titled
    from heuristic_titles
    left join title_answers on heuristic_titles.combination_id = title_answers.combination_id
    left join unsafe_titles on heuristic_titles.combination_id = unsafe_titles.combination_id

)

select * from final
{% endmacro %}
