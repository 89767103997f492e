with

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

label_combinations as (

    select * from {{ ref('label_combinations') }}

),

grouped as (

    select
        label_ranks.split,
        label_ranks.modality,
        label_ranks.product_id,
        label_ranks.rank,
        label_ranks.precision_at_rank,
        inline(array(
            struct('all' as dimension, 'all' as slice),
            struct('facet' as dimension, label_ranks.facet as slice),
            struct('frequency' as dimension, {{ frequency_band('label_ranks.label_products') }} as slice),
            struct('combination' as dimension, label_combinations.combination as slice)
        )) as (dimension, slice)
    from label_ranks
    left join label_combinations on label_ranks.product_id = label_combinations.product_id

),

product_figures as (

    select
        split,
        modality,
        dimension,
        slice,
        count_if(rank <= 1) as found_at_1,
        count_if(rank <= 5) as found_at_5,
        count_if(rank <= 10) as found_at_10,
        count(*) as pairs,
        avg(precision_at_rank) as average_precision
    from grouped
    where slice is not null
    group by split, modality, dimension, slice, product_id

),

figures as (

    select
        split,
        modality,
        dimension,
        slice,
        sum(found_at_1) as found_at_1,
        sum(found_at_5) as found_at_5,
        sum(found_at_10) as found_at_10,
        sum(pairs) as pairs,
        count(*) as products,
        round(avg(average_precision), 9) as mean_average_precision
    from product_figures
    group by split, modality, dimension, slice

),

figures_by_k as (

    select
        split,
        modality,
        dimension,
        slice,
        mean_average_precision,
        pairs,
        products,
        stack(3, 1, found_at_1, 5, found_at_5, 10, found_at_10) as (k, found_labels)
    from figures

),

final as (

    select
        split,
        modality,
        dimension,
        slice,
        k,
        cast(found_labels / pairs as double) as recall,
        mean_average_precision,
        pairs,
        products
    from figures_by_k

)

select * from final
