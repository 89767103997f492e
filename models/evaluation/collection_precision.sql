with

collection_judgements as (

    select * from {{ ref('collection_judgements') }}

),

means as (

    select
        approach,
        judge,
        k,
        round(avg(precision), 9) as precision,
        count(*) as judged
    from collection_judgements
    where facet = 'all'
    group by approach, judge, k

),

final as (

    select
        approach,
        judge,
        k,
        precision,
        cast({{ wilson_interval('precision', 'judged', '-') }} as double) as low,
        cast({{ wilson_interval('precision', 'judged', '+') }} as double) as high,
        judged
    from means

)

select * from final
