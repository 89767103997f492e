{#- The CTEs `means` to `final`: for each group of `by`, the mean precision of its pages and a 95 % interval. `judged` is a CTE with
    the columns of `by`, collection_id, product_id and correct; a page's products weigh the same, and so do pages.

    Pages share products, and the products of a page share its title, so neither pages nor products are independent draws. The
    variance is clustered by both (Cameron, Gelbach and Miller 2011): by product, plus by page, less by row, and never less than
    one of the first two. It gives the number of independent draws that vary as much, p(1 - p) / variance, at most as many as
    there are products in effect (Kish 1965), which also holds where nothing varies. Wilson's interval takes that number. -#}
{% macro precision_with_interval(judged, by) %}
{%- set columns = by | join(', ') -%}
sized as (

    select
        *,
        count(*) over (partition by {{ columns }}, collection_id) as page_products
    from {{ judged }}

),

pages as (

    select
        {{ columns }},
        collection_id,
        count_if(correct) / count(*) as precision
    from sized
    group by {{ columns }}, collection_id

),

means as (

    select
        {{ columns }},
        round(avg(precision), 9) as precision,
        count(*) as judged
    from pages
    group by {{ columns }}

),

residuals as (

    select
        {% for column in by %}sized.{{ column }}, {% endfor %}
        sized.collection_id,
        sized.product_id,
        1d / (sized.page_products * means.judged) as weight,
        (if(sized.correct, 1d, 0d) - means.precision) / (sized.page_products * means.judged) as residual
    from sized
    inner join means on {% for column in by %}sized.{{ column }} = means.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}

),

of_products as (

    select
        {{ columns }},
        sum(weight) as weight,
        sum(residual) as residual,
        sum(power(residual, 2)) as row_variance
    from residuals
    group by {{ columns }}, product_id

),

by_product as (

    select
        {{ columns }},
        1 / sum(power(weight, 2)) as products_in_effect,
        sum(power(residual, 2)) as variance,
        sum(row_variance) as row_variance
    from of_products
    group by {{ columns }}

),

of_pages as (

    select
        {{ columns }},
        sum(residual) as residual
    from residuals
    group by {{ columns }}, collection_id

),

by_page as (

    select
        {{ columns }},
        sum(power(residual, 2)) as variance
    from of_pages
    group by {{ columns }}

),

drawn as (

    select
        means.*,
        round(least(
            by_product.products_in_effect,
            means.precision * (1 - means.precision) / nullif(
                round(greatest(
                    by_product.variance + by_page.variance - by_product.row_variance,
                    by_product.variance,
                    by_page.variance
                ), 12),
                0
            )
        ), 6) as draws
    from means
    inner join by_product
        on {% for column in by %}means.{{ column }} = by_product.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}

    inner join by_page
        on {% for column in by %}means.{{ column }} = by_page.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}


),

final as (

    select
        {{ columns }},
        precision,
        cast({{ wilson_interval('precision', 'draws', '-') }} as double) as low,
        cast({{ wilson_interval('precision', 'draws', '+') }} as double) as high,
        judged
    from drawn

)
{% endmacro %}
