{{ config(tags=['comparison']) }}

-- Rows of about a hundred collections, chosen by hash, that one version of collection_products has and the other lacks.
with

collections as (

    select * from {{ ref('collections') }}

),

collection_products_v1 as (

    select * from {{ ref('collection_products', v=1) }}

),

collection_products_v2 as (

    select * from {{ ref('collection_products', v=2) }}

),

sampling as (

    select cast(ceil(count(*) / 100) as int) as one_in
    from collections

),

plain as (

    select
        collection_id,
        product_id,
        rank,
        relevance,
        products
    from collection_products_v1
    where pmod(xxhash64(collection_id), (select sampling.one_in from sampling)) = 0

),

fast as (

    select
        collection_id,
        product_id,
        rank,
        relevance,
        products
    from collection_products_v2
    where pmod(xxhash64(collection_id), (select sampling.one_in from sampling)) = 0

),

missing as (

    select * from plain
    except
    select * from fast

),

added as (

    select * from fast
    except
    select * from plain

),

final as (

    select
        collection_id,
        product_id,
        rank,
        relevance,
        products,
        'only version 1' as found_in
    from missing
    union all
    select
        collection_id,
        product_id,
        rank,
        relevance,
        products,
        'only version 2' as found_in
    from added

)

select * from final
