{%- set decided = "('keep', 'drop', 'reject', 'unsafe', 'unsearchable')" -%}
with

products as (

    select * from {{ ref('products') }}

),

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

merge_targets as (

    select * from {{ ref('merge_targets') }}

),

facets as (

    select * from {{ ref('facets') }}

),

unsafe_terms as (

    select * from {{ ref('unsafe_terms') }}

),

value_reviews as (

    select * from {{ ref('value_reviews') }}

),

carried as (

    select
        merge_targets.facet,
        merge_targets.target_value as value,
        count(distinct extracted_attributes.product_id) as products,
        max(case when merge_targets.value = merge_targets.target_value then merge_targets.waits_for end) as waits_for,
        max(case when merge_targets.value = merge_targets.target_value then merge_targets.circle end) as circle
    from extracted_attributes
    inner join merge_targets
        on extracted_attributes.facet = merge_targets.facet and extracted_attributes.value = merge_targets.value
    group by merge_targets.facet, merge_targets.target_value

),

catalogue as (

    select count(*) as products from products

),

spoken as (

    select
        facet,
        value,
        value as text
    from carried
    union
    select
        facet,
        value,
        value as text
    from merge_targets

),

named_terms as (

    select
        category,
        term
    from unsafe_terms
    {% if not var('publish_brands') %}
        union distinct
        select
            'brand' as category,
            brand as term
        from products
        where brand rlike '\\p{L}{2}'
    {% endif %}

),

unsafe_values as (

    {{ unsafe_texts('spoken', 'named_terms', ['facet', 'value']) }}

),

judged as (

    select
        carried.facet,
        carried.value,
        carried.products,
        cast(null as string) as merged_into,
        coalesce(value_reviews.decision in {{ decided }}, false) as reviewed,
        case
            when value_reviews.decision = 'keep' then 'kept'
            when value_reviews.decision = 'unsafe' then 'unsafe'
            when value_reviews.decision in ('drop', 'reject', 'unsearchable') then 'unsearchable'
            when unsafe_values.value is not null then 'unsafe'
            when
                not facets.searchable or length(carried.value) < 2 or size(split(carried.value, ' ')) > 5
                then 'unsearchable'
            when carried.products < {{ var('min_attribute_products') }} then 'too rare'
            when
                carried.facet != 'product_type'
                and carried.products > {{ var('max_attribute_share') }} * catalogue.products
                then 'too common'
            when carried.waits_for is not null then 'waiting'
            else 'kept'
        end as state,
        concat_ws(
            '; ',
            case
                when value_reviews.decision in {{ decided }} then value_reviews.reason
                when unsafe_values.value is not null then unsafe_values.unsafe_term
                when not facets.searchable then concat('nobody searches by ', carried.facet)
                when length(carried.value) < 2 or size(split(carried.value, ' ')) > 5
                    then 'not a phrase that people type'
                when carried.products < {{ var('min_attribute_products') }}
                    then concat(
                        carried.products, ' products; min_attribute_products is {{ var("min_attribute_products") }}'
                    )
                when
                    carried.facet != 'product_type'
                    and carried.products > {{ var('max_attribute_share') }} * catalogue.products
                    then concat(carried.products, ' products; max_attribute_share is {{ var("max_attribute_share") }}')
                when carried.waits_for is not null then concat('may be a spelling of ', carried.waits_for)
                else concat(carried.products, ' products')
            end,
            carried.circle
        ) as reason
    from carried
    cross join catalogue
    inner join facets on carried.facet = facets.facet
    left join unsafe_values on carried.facet = unsafe_values.facet and carried.value = unsafe_values.value
    left join value_reviews on carried.facet = value_reviews.facet and carried.value = value_reviews.value

),

-- Whoever keeps a value keeps its spellings, and whoever merges one has seen it.
merged as (

    select
        merge_targets.facet,
        merge_targets.value,
        merge_targets.products,
        merge_targets.reviewed,
        if(unsafe_values.value is null, merge_targets.target_value, null) as merged_into,
        if(unsafe_values.value is null, 'merged', 'unsafe') as state,
        coalesce(unsafe_values.unsafe_term, merge_targets.reason) as reason
    from merge_targets
    left join value_reviews
        on
            merge_targets.facet = value_reviews.facet
            and merge_targets.target_value = value_reviews.value
            and value_reviews.decision = 'keep'
            and {{ compact_key('merge_targets.value') }} = {{ compact_key('merge_targets.target_value') }}
    left join unsafe_values
        on
            merge_targets.facet = unsafe_values.facet
            and merge_targets.value = unsafe_values.value
            and not merge_targets.reviewed
            and value_reviews.value is null
    where merge_targets.value != merge_targets.target_value

),

unioned as (

    select
        facet,
        value,
        products,
        state,
        reason,
        merged_into,
        reviewed
    from judged
    union all
    select
        facet,
        value,
        products,
        state,
        reason,
        merged_into,
        reviewed
    from merged

),

-- A value that is a target_value of some and merged itself is judged as the target_value it is.
final as (

    select
        facet,
        value,
        products,
        state,
        reason,
        merged_into,
        reviewed
    from (
        select
            *,
            row_number() over (partition by facet, value order by merged_into is not null, state) as choice
        from unioned
    ) as numbered
    where choice = 1

)

select * from final
