with

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

ks as (

    select explode(array(1, 5, 10)) as k

),

final as (

    select
        label_ranks.split,
        label_ranks.modality,
        label_ranks.facet,
        ks.k,
        cast(count_if(label_ranks.rank <= ks.k) / count(*) as double) as recall,
        count(*) as pairs
    from label_ranks
    cross join ks
    group by label_ranks.split, label_ranks.modality, label_ranks.facet, ks.k

)

select * from final
