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

evaluated as (

    select *
    from label_ranks
    where split <> 'train'

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

evaluated_sets as (

    select
        product_id,
        array_sort(collect_set(concat(facet, ':', value))) as label_set,
        min_by(concat(facet, ':', value), struct(label_products, facet, value)) as rarest_label
    from evaluated
    group by product_id

),

distinct_sets as (

    select distinct
        label_set,
        rarest_label
    from evaluated_sets

),

-- Only training products with the rarest label can hold the whole set.
seen_sets as (

    select distinct distinct_sets.label_set
    from distinct_sets
    inner join trained_values on distinct_sets.rarest_label = trained_values.label
    where size(array_except(distinct_sets.label_set, trained_values.label_set)) = 0

),

combinations as (

    select
        evaluated_sets.product_id,
        if(seen_sets.label_set is null, 'unseen', 'seen') as combination
    from evaluated_sets
    cross join encoder_in_use
    left join seen_sets on evaluated_sets.label_set = seen_sets.label_set
    where encoder_in_use.trained_here
    union all
    select
        product_id,
        'all' as combination
    from evaluated_sets

),

-- Figures of a product first: the groups then add up products instead of labels.
product_figures as (

    select
        split,
        modality,
        product_id,
        count_if(rank <= 1) as found_at_1,
        count_if(rank <= 5) as found_at_5,
        count_if(rank <= 10) as found_at_10,
        count(*) as pairs,
        avg(precision_at_rank) as average_precision
    from evaluated
    group by split, modality, product_id

),

figures as (

    select
        product_figures.split,
        product_figures.modality,
        combinations.combination,
        sum(product_figures.found_at_1) as found_at_1,
        sum(product_figures.found_at_5) as found_at_5,
        sum(product_figures.found_at_10) as found_at_10,
        sum(product_figures.pairs) as pairs,
        count(*) as products,
        round(avg(product_figures.average_precision), 9) as mean_average_precision
    from product_figures
    inner join combinations on product_figures.product_id = combinations.product_id
    group by product_figures.split, product_figures.modality, combinations.combination

),

figures_by_k as (

    select
        split,
        modality,
        combination,
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
        combination,
        k,
        cast(found_labels / pairs as double) as recall,
        mean_average_precision,
        pairs,
        products
    from figures_by_k

)

select * from final
