{#- The CTEs `placed` to `nearly_same_products`: pairs of sets whose products have a Jaccard similarity of near_duplicate_overlap, the
    weaker one's `id` and `stronger_id`. `members` is a CTE with a row for each product of a set: the set's `id`, the columns of
    `within` (only sets that agree in them are compared), strength (the smaller is the stronger; equal for none), set_size, product_id.

    Sets as similar as that share one of their first products in any one order, so that only these few are compared. -#}
{% macro nearly_same_products(members, id, within=[]) -%}
{%- set set_columns = within + [id] -%}
placed as (

    select
        *,
        row_number() over (
            partition by {{ set_columns | join(', ') }}
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

    select distinct
        {% for column in set_columns -%}
            prefixes.{{ column }},
        {% endfor -%}
        stronger.{{ id }} as stronger_id,
        prefixes.set_size,
        stronger.set_size as stronger_size
    from prefixes
    inner join prefixes as stronger
        on
            prefixes.product_id = stronger.product_id
            {% for column in within -%}
                and prefixes.{{ column }} = stronger.{{ column }}
            {% endfor -%}
            and prefixes.strength > stronger.strength
            and least(prefixes.set_size, stronger.set_size)
            >= {{ var('near_duplicate_overlap') }} * greatest(prefixes.set_size, stronger.set_size)

),

nearly_same_products as (

    select
        {% for column in set_columns -%}
            pairs.{{ column }},
        {% endfor -%}
        pairs.stronger_id
    from pairs
    inner join placed as weaker
        on {% for column in set_columns %}pairs.{{ column }} = weaker.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    inner join placed as stronger
        on
            pairs.stronger_id = stronger.{{ id }}
            {% for column in within -%}
                and pairs.{{ column }} = stronger.{{ column }}
            {% endfor -%}
            and weaker.product_id = stronger.product_id
    group by {% for column in set_columns %}pairs.{{ column }}, {% endfor %}pairs.stronger_id
    having
        count(*) / (max(pairs.set_size) + max(pairs.stronger_size) - count(*))
        >= {{ var('near_duplicate_overlap') }}

)
{%- endmacro %}
