{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

attributes as (

    select * from {{ ref('attributes') }}

),

hashed as (

    select
        md5(
            concat_ws('|', array_sort(collect_list(to_json(
                struct(attribute_id, products, product_share, synonyms, parent_attribute_id)
            ))))
        ) as content_hash
    from attributes

),

{% if is_incremental() -%}
    latest as (

        select
            max(version) as version,
            max_by(content_hash, version) as content_hash
        from {{ this }}

    ),
{%- else -%}
    latest as (

        select
            cast(null as int) as version,
            cast(null as string) as content_hash

    ),
{%- endif %}

final as (

    select
        hashed.content_hash,
        attributes.attribute_id,
        attributes.facet,
        attributes.value,
        attributes.products,
        attributes.product_share,
        attributes.synonyms,
        attributes.parent_attribute_id,
        coalesce(latest.version, 0) + 1 as version,
        current_timestamp() as built_at
    from attributes
    cross join hashed
    cross join latest
    where hashed.content_hash is distinct from latest.content_hash

)

select * from final
