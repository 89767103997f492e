{{- stop_unless_paid_for('judge_product') -}}
with

model_terms as (

    {{ model_terms(ref('model_prices')) }}

),

questions as (

    {{ judge_questions(ref) }}

),

final as (

    select
        questions.approach,
        questions.collection_id,
        questions.product_id,
        judge_product(
            questions.page_title,
            questions.title,
            questions.description,
            questions.image_uri,
            {{ setting('PINLANDING_IMAGE_ROOTS') }},
            model_terms.model,
            model_terms.cache,
            model_terms.terms
        ) as answer
    from questions
    cross join model_terms
    where {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

)

select * from final
