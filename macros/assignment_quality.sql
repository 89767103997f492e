{#- Precision, recall and F1 of assigned pairs, from the counts of attributes: over pairs (micro) and as means over attributes
    (macro), by split, source and the given columns. -#}
{% macro assignment_quality(relation, columns=[]) -%}
{%- set group = ['split', 'source'] + columns -%}
with

attribute_figures as (

    select
        *,
        right_pairs / nullif(judged_pairs, 0) as precision,
        found_labels / nullif(labels, 0) as recall
    from {{ relation }}

),

summed as (

    select
        {{ group | join(', ') }},
        sum(right_pairs) / nullif(sum(judged_pairs), 0) as precision,
        sum(found_labels) / nullif(sum(labels), 0) as recall,
        avg(precision) as macro_precision,
        avg(recall) as macro_recall,
        avg(
            if(labels > 0, coalesce(2 * precision * recall / nullif(precision + recall, 0), 0), null)
        ) as macro_f1,
        sum(judged_pairs) as judged_pairs,
        sum(right_pairs) as right_pairs,
        sum(labels) as labels,
        sum(found_labels) as found_labels,
        count_if(labels > 0) as attributes
    from attribute_figures
    group by {{ group | join(', ') }}

),

final as (

    select
        {{ group | join(', ') }},
        cast(precision as double) as precision,
        cast(recall as double) as recall,
        cast(
            if(labels > 0, coalesce(2 * precision * recall / nullif(precision + recall, 0), 0), null) as double
        ) as f1,
        round(macro_precision, 9) as macro_precision,
        round(macro_recall, 9) as macro_recall,
        round(macro_f1, 9) as macro_f1,
        judged_pairs,
        right_pairs,
        labels,
        found_labels,
        attributes
    from summed

)

select * from final
{%- endmacro %}
