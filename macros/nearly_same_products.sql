{#- The CTEs `placed` to `nearly_same_products`: pairs of sets whose products have a Jaccard similarity of near_duplicate_overlap, the
    weaker one's `id` and `stronger_id`. `members` is a CTE with a row for each product of a set: the set's `id`,
    strength (the smaller is the stronger; equal for none), set_size, product_id, and the column of `bits`, if one is named: only sets that have
    one of them in common are compared.

    Sets as similar as that share one of their first products in any one order, so that only these few are compared (prefix filter;
    Chaudhuri et al. 2006), and what comes after the last that they share bounds what they can share in all (positional filter; Xiao et al. 2008). -#}
{% macro nearly_same_products(members, id, bits=none) -%}
placed as (

    select
        *,
        row_number() over (
            partition by {{ id }}
            order by xxhash64(product_id) asc, product_id asc
        ) as place
    from {{ members }}

),

prefixes as (

    select *
    from placed
    where place <= set_size - ceil({{ var('near_duplicate_overlap') }} * set_size) + 1

),

pairs as (

    select
        prefixes.{{ id }},
        stronger.{{ id }} as stronger_id,
        any_value(prefixes.set_size) as set_size,
        any_value(stronger.set_size) as stronger_size,
        count(*) + least(
            any_value(prefixes.set_size) - max(prefixes.place), any_value(stronger.set_size) - max(stronger.place)
        ) as most_shared
    from prefixes
    inner join prefixes as stronger
        on
            prefixes.product_id = stronger.product_id
            and prefixes.strength > stronger.strength
            {% if bits -%}
                and prefixes.{{ bits }} & stronger.{{ bits }} != 0
            {% endif -%}
            and least(prefixes.set_size, stronger.set_size)
            >= {{ var('near_duplicate_overlap') }} * greatest(prefixes.set_size, stronger.set_size)
    group by prefixes.{{ id }}, stronger.{{ id }}

),

likely_pairs as (

    select *
    from pairs
    where most_shared / (set_size + stronger_size - most_shared) >= {{ var('near_duplicate_overlap') }}

),

nearly_same_products as (

    select
        likely_pairs.{{ id }},
        likely_pairs.stronger_id
    from likely_pairs
    inner join {{ members }} as weaker on likely_pairs.{{ id }} = weaker.{{ id }}
    inner join {{ members }} as stronger
        on
            likely_pairs.stronger_id = stronger.{{ id }}
            and weaker.product_id = stronger.product_id
    group by likely_pairs.{{ id }}, likely_pairs.stronger_id
    having
        count(*) / (max(likely_pairs.set_size) + max(likely_pairs.stronger_size) - count(*))
        >= {{ var('near_duplicate_overlap') }}

)
{%- endmacro %}
