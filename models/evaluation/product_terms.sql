with

products as (

    select * from {{ ref('products') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

title_search_index as (

    select * from {{ ref('title_search_index') }}

),

terms as (

    select
        product_id,
        attribute_id
    from product_attributes
    union all
    select
        product_id,
        explode({{ word_terms('words') }}) as attribute_id
    from title_search_index

),

-- A page needs items in stock.
final as (

    select
        terms.product_id,
        terms.attribute_id,
        1d as score
    from terms
    inner join products on terms.product_id = products.product_id
    where products.in_stock

)

select * from final
