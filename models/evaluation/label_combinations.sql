with

evaluated_products as (

    select * from {{ ref('evaluated_products') }}

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

labels as (

    select
        product_id,
        facet,
        value,
        concat(facet, ':', value) as label,
        count(*) over (partition by facet, value) as label_products
    from stg_labels

),

-- On what products an encoder learned that was trained elsewhere is not known.
trained_products as (

    select products.product_id
    from products
    cross join encoder_in_use
    where encoder_in_use.trained_here and products.split = 'train'

),

trained_sets as (

    select array_sort(collect_set(labels.label)) as label_set
    from labels
    inner join trained_products on labels.product_id = trained_products.product_id
    group by labels.product_id

),

trained_values as (

    select distinct
        label_set,
        explode(label_set) as label
    from trained_sets

),

product_sets as (

    select
        evaluated_products.product_id,
        array_sort(collect_set(labels.label)) as label_set,
        min_by(labels.label, struct(labels.label_products, labels.facet, labels.value)) as rarest_label
    from evaluated_products
    inner join labels on evaluated_products.product_id = labels.product_id
    cross join encoder_in_use
    where encoder_in_use.trained_here and evaluated_products.split != 'train'
    group by evaluated_products.product_id

),

distinct_sets as (

    select distinct
        label_set,
        rarest_label
    from product_sets

),

-- Only training products with the rarest label can hold the whole set.
seen_sets as (

    select distinct distinct_sets.label_set
    from distinct_sets
    inner join trained_values on distinct_sets.rarest_label = trained_values.label
    where size(array_except(distinct_sets.label_set, trained_values.label_set)) = 0

),

final as (

    select
        product_sets.product_id,
        if(seen_sets.label_set is null, 'unseen', 'seen') as combination
    from product_sets
    left join seen_sets on product_sets.label_set = seen_sets.label_set

)

select * from final
