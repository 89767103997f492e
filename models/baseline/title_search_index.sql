with

products as (

    select * from {{ ref('products') }}

),

worded as (

    select
        product_id,
        {{ search_words('title') }} as words
    from products

),

final as (

    select
        product_id,
        array_distinct(words) as words,
        size(words) as title_length
    from worded

)

select * from final
