{#- Our setting: how much of the rarer value's products both share. -#}
{%- set min_shared = 0.5 -%}
{{ config(materialized='ephemeral') }}

with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

-- The variants of one product are one thing: "couch" and "sofa" in one group.
carried as (

    select distinct
        vocabulary_spellings.facet,
        vocabulary_spellings.centre as value,
        if(
            vocabulary_spellings.facet = 'product_type',
            coalesce(products.group_id, products.product_id),
            products.product_id
        ) as thing
    from extracted_attributes
    inner join products on extracted_attributes.product_id = products.product_id
    inner join vocabulary_spellings
        on
            extracted_attributes.facet = vocabulary_spellings.facet
            and extracted_attributes.value = vocabulary_spellings.value

),

counted as (

    select
        *,
        count(*) over (partition by facet, value) as things
    from carried

),

final as (

    select
        one.facet,
        one.value,
        other.value as candidate,
        'the same products' as evidence
    from counted as one
    inner join counted as other
        on one.facet = other.facet and one.thing = other.thing and one.value != other.value
    group by one.facet, one.value, other.value
    having
        count(*) >= {{ var('min_attribute_products') }}
        and count(*) >= {{ min_shared }} * least(max(one.things), max(other.things))

)

select * from final
