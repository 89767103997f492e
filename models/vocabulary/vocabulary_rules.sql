{%- set decided = "('keep', 'drop', 'reject', 'unsafe', 'unsearchable')" -%}
with

products as (

    select * from {{ ref('products') }}

),

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

vocabulary_merges as (

    select * from {{ ref('vocabulary_merges') }}

),

facets as (

    select * from {{ ref('facets') }}

),

unsafe_terms as (

    select * from {{ ref('unsafe_terms') }}

),

attribute_reviews as (

    select * from {{ ref('attribute_reviews') }}

),

reviews as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        lower(trim(max_by(decision, struct(decision, reviewer)))) as decision,
        max_by(concat_ws(': ', reviewer, reason), struct(decision, reviewer)) as reason
    from attribute_reviews
    group by facet, {{ normalized_value('value') }}

),

-- A person's "merge: x" wins over every rule.
chosen as (

    select
        vocabulary_merges.facet,
        vocabulary_merges.value,
        vocabulary_merges.products,
        vocabulary_merges.waits_for,
        case
            when reviews.decision like 'merge:%' then {{ normalized_value("substring(reviews.decision, 7)") }}
            when reviews.decision is not null then vocabulary_merges.value
            else vocabulary_merges.merged_value
        end as target_value,
        case
            when reviews.decision like 'merge:%' then reviews.reason
            else vocabulary_merges.reason
        end as reason,
        coalesce(reviews.decision like 'merge:%', false) as reviewed
    from vocabulary_merges
    left join reviews on vocabulary_merges.facet = reviews.facet and vocabulary_merges.value = reviews.value

),

moves as (

    select
        facet,
        value,
        target_value
    from chosen
    where value != target_value

),

-- A value that others are merged into and that is merged itself: all end where it ends.
onward as (

    select moves.*
    from moves
    left semi join moves as earlier on moves.facet = earlier.facet and moves.value = earlier.target_value

),

onward_steps as (

    select
        facet,
        map_from_entries(collect_list(struct(value, target_value))) as steps
    from onward
    group by facet

),

-- People can merge in a circle, which ends nowhere: its values stay what they are.
circles as (

    select
        facet,
        value,
        concat('merged in a circle: ', array_join(array_sort(array_distinct(reached)), ', ')) as circle
    from (
        select
            onward.facet,
            onward.value,
            aggregate(
                sequence(1, size(onward_steps.steps)),
                array(onward.target_value),
                (path, hop) -> concat(
                    path, array(coalesce(onward_steps.steps[element_at(path, -1)], element_at(path, -1)))
                )
            ) as reached
        from onward
        inner join onward_steps on onward.facet = onward_steps.facet
    ) as followed
    where array_contains(reached, value)

),

open_steps as (

    select
        onward.facet,
        map_from_entries(collect_list(struct(onward.value, onward.target_value))) as steps
    from onward
    left anti join circles on onward.facet = circles.facet and onward.value = circles.value
    group by onward.facet

),

targeted as (

    select
        chosen.facet,
        chosen.value,
        chosen.products,
        chosen.waits_for,
        chosen.reason,
        chosen.reviewed,
        circles.circle,
        case
            when circles.value is not null then chosen.value
            when open_steps.facet is null then chosen.target_value
            else aggregate(
                sequence(1, size(open_steps.steps)),
                chosen.target_value,
                (reached, hop) -> coalesce(open_steps.steps[reached], reached)
            )
        end as target_value
    from chosen
    left join circles on chosen.facet = circles.facet and chosen.value = circles.value
    left join open_steps on chosen.facet = open_steps.facet

),

carried as (

    select
        targeted.facet,
        targeted.target_value as value,
        count(distinct extracted_attributes.product_id) as products,
        max(case when targeted.value = targeted.target_value then targeted.waits_for end) as waits_for,
        max(case when targeted.value = targeted.target_value then targeted.circle end) as circle
    from extracted_attributes
    inner join targeted
        on extracted_attributes.facet = targeted.facet and extracted_attributes.value = targeted.value
    group by targeted.facet, targeted.target_value

),

catalogue as (

    select count(*) as products from products

),

spoken as (

    select
        facet,
        value,
        concat(' ', {{ match_key('value') }}, ' ') as padded
    from (
        select
            facet,
            value
        from carried
        union
        select
            facet,
            value
        from targeted
    ) as all_values

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

terms as (

    select
        category,
        term,
        concat('% ', {{ match_key(normalized_value('term')) }}, ' %') as pattern
    from named_terms

),

unsafe_values as (

    select
        spoken.facet,
        spoken.value,
        min(concat(terms.category, ': ', terms.term)) as unsafe_term
    from spoken
    inner join terms on spoken.padded like terms.pattern
    group by spoken.facet, spoken.value

),

judged as (

    select
        carried.facet,
        carried.value,
        carried.products,
        cast(null as string) as merged_into,
        coalesce(reviews.decision in {{ decided }}, false) as reviewed,
        case
            when reviews.decision = 'keep' then 'kept'
            when reviews.decision = 'unsafe' then 'unsafe'
            when reviews.decision in ('drop', 'reject', 'unsearchable') then 'unsearchable'
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
                when reviews.decision in {{ decided }} then reviews.reason
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
    left join reviews on carried.facet = reviews.facet and carried.value = reviews.value

),

merged as (

    select
        targeted.facet,
        targeted.value,
        targeted.products,
        targeted.reviewed,
        if(unsafe_values.value is null, targeted.target_value, null) as merged_into,
        if(unsafe_values.value is null, 'merged', 'unsafe') as state,
        coalesce(unsafe_values.unsafe_term, targeted.reason) as reason
    from targeted
    left join unsafe_values on targeted.facet = unsafe_values.facet and targeted.value = unsafe_values.value
    where targeted.value != targeted.target_value

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
