{{- stop_unless_paid_for('review_attribute') -}}
with

model_terms as (

    {{ model_terms(ref('model_prices')) }}

),

questions as (

    {{ review_questions(ref) }}

),

final as (

    select
        questions.facet,
        questions.value,
        review_attribute(
            questions.facet,
            questions.value,
            questions.products,
            model_terms.model,
            model_terms.cache,
            model_terms.terms
        ) as answer
    from questions
    cross join model_terms
    where {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

)

select * from final
