-- One row when the vocabulary lost a larger share of its attributes since the last run than the alarm allows.
with

metric_changes as (

    select * from {{ ref('metric_changes') }}

),

final as (

    select
        value_before as attributes_before,
        value_after as attributes_after,
        if(value_after < (1 - {{ var('alarm_vocabulary_loss')[1] }}) * value_before, 2, 1) as alarm_level
    from metric_changes
    where metric = 'attributes' and value_after < (1 - {{ var('alarm_vocabulary_loss')[0] }}) * value_before

)

select * from final
