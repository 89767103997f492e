with

vocabulary_rules as (

    select * from {{ ref('vocabulary_rules') }}

),

questions as (

    select /*+ repartition */
        facet,
        value,
        products
    from vocabulary_rules
    where
        state = 'kept'
        and not reviewed
        and {{ setting('PINLANDING_PROVIDER', 'heuristic') }} = 'openai'

),

final as (

    select
        facet,
        value,
        review_attribute(
            facet, value, products, {{ setting('PINLANDING_MODEL') }}, {{ setting('PINLANDING_CACHE') }}
        ) as answer
    from questions

)

select * from final
