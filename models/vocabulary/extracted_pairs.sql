with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

vocabulary_decisions as (

    select * from {{ ref('vocabulary_decisions') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

mapped as (

    select
        extracted_attributes.product_id,
        extracted_attributes.facet,
        extracted_attributes.source,
        extracted_attributes.confidence,
        coalesce(vocabulary_decisions.merged_into, vocabulary_decisions.value) as value
    from extracted_attributes
    inner join vocabulary_decisions
        on
            extracted_attributes.facet = vocabulary_decisions.facet
            and extracted_attributes.value = vocabulary_decisions.value

),

ranked as (

    select
        mapped.product_id,
        attributes.attribute_id,
        attributes.facet,
        attributes.value,
        mapped.source,
        mapped.confidence,
        row_number() over (
            partition by mapped.product_id, attributes.attribute_id
            order by mapped.source asc, mapped.confidence desc
        ) as choice
    from mapped
    inner join attributes on mapped.facet = attributes.facet and mapped.value = attributes.value

),

final as (

    select
        product_id,
        attribute_id,
        facet,
        value,
        source,
        confidence
    from ranked
    where choice = 1

)

select * from final
