with

assignment_counts as (

    select * from {{ ref('assignment_counts') }}

),

grouped as (

    select
        *,
        inline(array(
            struct('all' as dimension, 'all' as slice),
            struct('facet' as dimension, facet as slice),
            struct('frequency' as dimension, frequency_band as slice),
            struct('combination' as dimension, combination as slice)
        )) as (dimension, slice)
    from assignment_counts

),

attribute_counts as (

    select
        split,
        source,
        dimension,
        slice,
        facet,
        value,
        sum(judged_pairs) as judged_pairs,
        sum(right_pairs) as right_pairs,
        sum(labels) as labels,
        sum(found_labels) as found_labels
    from grouped
    where slice is not null
    group by split, source, dimension, slice, facet, value

),

attribute_figures as (

    select
        *,
        right_pairs / nullif(judged_pairs, 0) as precision,
        found_labels / nullif(labels, 0) as recall
    from attribute_counts

),

summed as (

    select
        split,
        source,
        dimension,
        slice,
        sum(right_pairs) / nullif(sum(judged_pairs), 0) as precision,
        sum(found_labels) / nullif(sum(labels), 0) as recall,
        avg(precision) as macro_precision,
        avg(recall) as macro_recall,
        avg(
            if(found_labels > 0, 2 * precision * recall / (precision + recall), if(labels > 0, 0, null))
        ) as macro_f1,
        sum(judged_pairs) as judged_pairs,
        sum(right_pairs) as right_pairs,
        sum(labels) as labels,
        sum(found_labels) as found_labels,
        count_if(labels > 0) as attributes
    from attribute_figures
    group by split, source, dimension, slice

),

final as (

    select
        split,
        source,
        dimension,
        slice,
        judged_pairs,
        right_pairs,
        labels,
        found_labels,
        attributes,
        cast(precision as double) as precision,
        cast(recall as double) as recall,
        cast(
            if(found_labels > 0, 2 * precision * recall / (precision + recall), if(labels > 0, 0, null)) as double
        ) as f1,
        round(macro_precision, 9) as macro_precision,
        round(macro_recall, 9) as macro_recall,
        round(macro_f1, 9) as macro_f1
    from summed

)

select * from final
