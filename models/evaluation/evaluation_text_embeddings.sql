{{ config(materialized='incremental', unique_key=['text_key', 'encoder_key']) }}

with

evaluated_products as (

    select * from {{ ref('evaluated_products') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

texts as (

    select text
    from evaluated_products
    union distinct
    select {{ attribute_prompt('facet', 'value') }} as text
    from stg_labels

),

wanted as (

    select
        texts.text,
        encoder_in_use.key as encoder_key,
        encoder_in_use.location,
        md5(texts.text) as text_key
    from texts
    cross join encoder_in_use

),

missing as (

    select {{ spread_rows() }} wanted.*
    from wanted
    {% if is_incremental() %}
        left anti join {{ this }} as known
            on
                wanted.text_key = known.text_key
                and wanted.encoder_key = known.encoder_key
                and known.embedded.error is null
    {% endif %}

),

final as (

    select
        text_key,
        encoder_key,
        embed_text(text, location) as embedded
    from missing

)

select * from final
