{#- The select of every product's place in the extraction sample: each guessed product type gives its share, rounded up, so that
    rare types are asked about at any rate. Reads products and title_product_types. -#}
{% macro extraction_places() -%}
select
    products.product_id,
    coalesce(title_product_types.phrase, '') as stratum,
    row_number() over (
        partition by coalesce(title_product_types.phrase, '')
        order by xxhash64(products.product_id), products.product_id
    ) as place,
    count(*) over (partition by coalesce(title_product_types.phrase, '')) as stratum_products
from products
left join title_product_types on products.product_id = title_product_types.product_id
{%- endmacro %}
