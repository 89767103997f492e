-- One row when the encoder finds too few of the labels on products it never saw.
with

attribute_recall as (

    select * from {{ ref('attribute_recall') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

final as (

    select
        attribute_recall.recall,
        if(encoder_in_use.trained_here and attribute_recall.recall < {{ var('alarm_recall')[1] }}, 2, 1) as alarm_level
    from attribute_recall
    cross join encoder_in_use
    where
        attribute_recall.modality = 'image'
        and attribute_recall.split = 'test'
        and attribute_recall.k = 10
        and attribute_recall.recall < {{ var('alarm_recall')[0] }}

)

select * from final
