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
    the heuristic finds contradictory stays invalid, and one whose call failed has no quality and is not published. -#}
{% macro chosen_titles(heuristic_titles, title_answers) %}
with

heuristic_titles as (

    select * from {{ heuristic_titles }}

),

title_answers as (

    select * from {{ title_answers }}

),

final as (

    select
        heuristic_titles.combination_id,
        if(
            title_answers.combination_id is null,
            heuristic_titles.titled,
            struct(
                title_answers.answer.valid,
                title_answers.answer.title,
                title_answers.answer.description,
                title_answers.answer.quality,
                'openai' as quality_source,
                title_answers.answer.problems,
                title_answers.answer.error
            )
        ) as titled
    from heuristic_titles
    left join title_answers on heuristic_titles.combination_id = title_answers.combination_id

)

select * from final
{% endmacro %}
