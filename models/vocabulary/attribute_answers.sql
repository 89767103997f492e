{{- stop_unless_paid_for('extract_attributes') -}}
with

model_terms as (

    {{ model_terms(ref('model_prices')) }}

),

facets as (

    {{ asked_facets(ref) }}

),

questions as (

    {{ extraction_questions(ref) }}

),

final as (

    select
        questions.content_key,
        extract_attributes(
            questions.image_uri,
            questions.title,
            questions.description,
            questions.price,
            questions.tags,
            {{ setting('PINLANDING_IMAGE_ROOTS') }},
            facets.facets,
            model_terms.model,
            model_terms.cache,
            model_terms.terms
        ) as answer
    from questions
    cross join facets
    cross join model_terms
    where {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

)

select * from final
