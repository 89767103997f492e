with

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

products as (

    select * from {{ ref('products') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

-- On what products an encoder learned that was trained elsewhere is not known.
trained_products as (

    select products.product_id
    from products
    cross join encoder_in_use
    where encoder_in_use.trained_here and products.split = 'train'

),

trained_product_sets as (

    select array_sort(collect_set(concat(stg_labels.facet, ':', stg_labels.value))) as label_set
    from stg_labels
    inner join trained_products on stg_labels.product_id = trained_products.product_id
    group by stg_labels.product_id

),

trained_values as (

    select distinct
        label_set,
        explode(label_set) as label
    from trained_product_sets

),

unseen_product_sets as (

    select
        label_ranks.product_id,
        array_sort(collect_set(concat(label_ranks.facet, ':', label_ranks.value))) as label_set,
        min_by(
            concat(label_ranks.facet, ':', label_ranks.value),
            struct(label_ranks.label_products, label_ranks.facet, label_ranks.value)
        ) as rarest_label
    from label_ranks
    cross join encoder_in_use
    where encoder_in_use.trained_here and label_ranks.split != 'train'
    group by label_ranks.product_id

),

distinct_sets as (

    select distinct
        label_set,
        rarest_label
    from unseen_product_sets

),

-- Only training products with the rarest label can hold the whole set.
seen_sets as (

    select distinct distinct_sets.label_set
    from distinct_sets
    inner join trained_values on distinct_sets.rarest_label = trained_values.label
    where size(array_except(distinct_sets.label_set, trained_values.label_set)) = 0

),

product_combinations as (

    select
        unseen_product_sets.product_id,
        if(seen_sets.label_set is null, 'unseen', 'seen') as combination
    from unseen_product_sets
    left join seen_sets on unseen_product_sets.label_set = seen_sets.label_set

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
            struct('combination' as dimension, product_combinations.combination as slice)
        )) as (dimension, slice)
    from label_ranks
    left join product_combinations on label_ranks.product_id = product_combinations.product_id

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
