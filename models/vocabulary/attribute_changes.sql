{#- Our setting: a value's share of the products has moved when it is larger or smaller by this part of itself. -#}
{%- set moved_share = 0.1 -%}
with

attribute_history as (

    select * from {{ ref('attribute_history') }}

),

versions as (

    select distinct version
    from attribute_history

),

earlier as (

    select
        *,
        version + 1 as next_version
    from attribute_history
    where version + 1 in (select versions.version from versions)

),

compared as (

    select
        earlier.product_share as share_before,
        attribute_history.product_share as share_after,
        coalesce(attribute_history.version, earlier.next_version) as version,
        coalesce(attribute_history.facet, earlier.facet) as facet,
        coalesce(attribute_history.value, earlier.value) as value,
        attribute_history.attribute_id is null as is_gone,
        earlier.attribute_id is null as is_new
    from attribute_history
    full outer join earlier
        on attribute_history.version = earlier.next_version and attribute_history.attribute_id = earlier.attribute_id
    where coalesce(attribute_history.version, earlier.next_version) > 1

),

absorbed as (

    select
        version,
        facet,
        value as merged_into,
        explode(synonyms) as value
    from attribute_history

),

final as (

    select
        compared.version,
        compared.facet,
        compared.value,
        absorbed.merged_into,
        compared.share_before,
        compared.share_after,
        case
            when compared.is_new then 'added'
            when compared.is_gone and absorbed.merged_into is not null then 'merged'
            when compared.is_gone then 'removed'
            else 'moved'
        end as change
    from compared
    left join absorbed
        on
            compared.is_gone
            and compared.version = absorbed.version
            and compared.facet = absorbed.facet
            and compared.value = absorbed.value
    where
        compared.is_new
        or compared.is_gone
        or abs(compared.share_after - compared.share_before) >= {{ moved_share }} * compared.share_before

)

select * from final
