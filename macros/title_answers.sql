{#- The select that asks the model for titles of the combinations in `titled` that hold no contradiction; no rows unless
    the provider is openai. -#}
{% macro title_answers(evidence, titled) %}
with

evidence as (

    select * from {{ evidence }}

),

titled as (

    select * from {{ titled }}

),

questions as (

    select /*+ repartition */
        evidence.combination_id,
        transform(evidence.attributes, attribute -> struct(attribute.facet, attribute.value)) as attributes
    from evidence
    inner join titled on evidence.combination_id = titled.combination_id
    where
        titled.titled.valid
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

{#- The titles to go by: the model's where one was asked, else the heuristic's. A combination that the heuristic finds
    contradictory stays invalid, and one whose call failed has no quality and is not published. -#}
{% macro chosen_titles(titled, answers) %}
select
    titled.combination_id,
    {% if (env_var('PINLANDING_PROVIDER', '') or 'heuristic') == 'openai' -%}
    titled.titled.valid and coalesce(answers.answer.valid, false) as valid,
    answers.answer.title,
    answers.answer.description,
    answers.answer.quality,
    'openai' as quality_source
    {%- else -%}
    titled.titled.valid,
    titled.titled.title,
    titled.titled.description,
    titled.titled.quality,
    titled.titled.quality_source
    {%- endif %}
from {{ titled }} as titled
left join {{ answers }} as answers on titled.combination_id = answers.combination_id
{% endmacro %}
