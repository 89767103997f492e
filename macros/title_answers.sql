{#- The select that asks the model for titles of the combinations that hold no contradiction; no rows unless
    the provider is openai. -#}
{% macro title_answers(evidence, heuristic_titles) %}
with

evidence as (

    select * from {{ evidence }}

),

heuristic_titles as (

    select * from {{ heuristic_titles }}

),

questions as (

    select /*+ repartition */
        evidence.combination_id,
        transform(evidence.attributes, attribute -> struct(attribute.facet, attribute.value)) as attributes
    from evidence
    inner join heuristic_titles on evidence.combination_id = heuristic_titles.combination_id
    where
        heuristic_titles.titled.valid
        and {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

),

final as (

    select
        combination_id,
        title_collection_by_model(
            attributes, {{ setting('PINLANDING_MODEL') }}, {{ setting('PINLANDING_CACHE') }}
        ) as answer
    from questions

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
