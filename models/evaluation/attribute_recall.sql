with

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

ks as (

    select explode(array(1, 5, 10)) as k

),

recalls as (

    select
        label_ranks.split,
        label_ranks.modality,
        ks.k,
        cast(count_if(label_ranks.rank <= ks.k) / count(*) as double) as recall,
        count(*) as pairs
    from label_ranks
    cross join ks
    group by label_ranks.split, label_ranks.modality, ks.k

),

average_precisions as (

    select
        split,
        modality,
        product_id,
        avg(precision_at_rank) as average_precision
    from label_ranks
    group by split, modality, product_id

),

means as (

    select
        split,
        modality,
        round(avg(average_precision), 9) as mean_average_precision,
        count(*) as products
    from average_precisions
    group by split, modality

),

final as (

    select
        recalls.split,
        recalls.modality,
        recalls.k,
        recalls.recall,
        means.mean_average_precision,
        recalls.pairs,
        means.products
    from recalls
    inner join means
        on
            recalls.split = means.split
            and recalls.modality = means.modality

)

select * from final
