{{ config(materialized='ephemeral') }}

with

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

final as (

    select
        facet,
        centre as value,
        min(compact_spelling) as compact_spelling,
        sum(products) as products,
        max_by(words, struct(value = centre, value)) as words
    from vocabulary_spellings
    group by facet, centre

)

select * from final
