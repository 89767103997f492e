{{ config(materialized='ephemeral') }}

with

contrasting_words as (

    select * from {{ ref('contrasting_words') }}

),

contrast_groups as (

    select * from {{ ref('contrast_groups') }}

),

facet_values as (

    select * from {{ ref('facet_values') }}

),

lexicon as (

    select
        facet,
        {{ normalized_value('value') }} as value
    from facet_values

),

grouped_words as (

    select
        contrast as contrast_group,
        word
    from contrast_groups
    union distinct
    select
        facet as contrast_group,
        value as word
    from lexicon
    where value not like '% %'

),

final as (

    select
        word,
        contrast
    from contrasting_words
    union distinct
    select
        contrast as word,
        word as contrast
    from contrasting_words
    union distinct
    select
        one.word,
        other.word as contrast
    from grouped_words as one
    inner join grouped_words as other on one.contrast_group = other.contrast_group and one.word != other.word

)

select * from final
