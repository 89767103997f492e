with

collections as (

    select * from {{ ref('collections') }}

),

verdicts as (

    {{ audit_verdicts(['valid', 'grammatical', 'searchable']) }}

),

titles as (

    select distinct {{ audit_item(["'title'", 'title']) }} as item_id
    from collections

),

judged as (

    select verdicts.*
    from verdicts
    left semi join titles on verdicts.item_id = titles.item_id

),

criteria as (

    select
        question as criterion,
        is_yes
    from judged
    union all
    select
        'all' as criterion,
        bool_and(is_yes) as is_yes
    from judged
    group by item_id
    having count(*) = 3

),

means as (

    select
        criterion,
        cast(count_if(is_yes) / count(*) as double) as share,
        count(*) as judged
    from criteria
    group by criterion

),

final as (

    select
        criterion,
        share,
        cast({{ wilson_interval('share', 'judged', '-') }} as double) as low,
        cast({{ wilson_interval('share', 'judged', '+') }} as double) as high,
        judged
    from means

)

select * from final
