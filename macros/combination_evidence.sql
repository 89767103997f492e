{#- What the catalogue says about combinations of attributes: the arguments of `title_collection`.

    `combinations`: a relation with combination_id, attribute_ids `array<string>` (vocabulary ids) and carriers (products with all of
    them; `overlap_join` for combinations that were not mined). Reads standing statistics only, so any
    combination can be asked about: mined ones, a search query's, one made up by a test. -#}
{% macro combination_evidence(combinations) %}
with

combinations as (

    select
        combination_id,
        array_sort(attribute_ids) as attribute_ids,
        carriers
    from {{ combinations }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

attribute_statistics as (

    select * from {{ ref('attribute_statistics') }}

),

combination_statistics as (

    select * from {{ ref('combination_statistics') }}

),

contrasting_words as (

    select * from {{ ref('contrasting_words') }}

),

contrasts as (

    select
        word,
        contrast
    from contrasting_words
    union
    select
        contrast,
        word
    from contrasting_words

),

attribute_rows as (

    select
        combination_id,
        attribute_ids,
        carriers,
        explode(attribute_ids) as attribute_id
    from combinations

),

known as (

    select
        attribute_rows.combination_id,
        attribute_rows.attribute_ids,
        attribute_rows.carriers,
        attribute_statistics.*,
        attributes.parent_attribute_id
    from attribute_rows
    inner join attribute_statistics on attribute_rows.attribute_id = attribute_statistics.attribute_id
    left join attributes on attribute_rows.attribute_id = attributes.attribute_id

),

heads as (

    select
        combination_id,
        max(attribute_id) as product_type_id,
        max(products) as products
    from known
    where is_product_type
    group by combination_id
    having count(*) = 1

),

pairs as (

    select
        combination_id,
        carriers
    from combination_statistics
    where size(attribute_ids) = 2

),

frequent as (

    select
        combination_id,
        carriers
    from combination_statistics
    where carriers >= {{ var('min_collection_size') }}

),

-- Every attribute beside the one product type; `pair_id` is both of them, `rest_id` the combination without it.
beside_head as (

    select
        known.combination_id,
        known.attribute_id,
        known.facet,
        known.value,
        known.products,
        known.catalog_products,
        known.carriers,
        heads.product_type_id,
        heads.products as head_products,
        size(known.attribute_ids) as attribute_count,
        {{ combination_id('array(known.attribute_id, heads.product_type_id)') }} as pair_id,
        {{ combination_id('array_remove(known.attribute_ids, known.attribute_id)') }} as rest_id
    from known
    inner join heads on known.combination_id = heads.combination_id
    where not known.is_product_type

),

beside_head_counted as (

    select
        beside_head.*,
        coalesce(pairs.carriers, 0) as products_with_head,
        if(beside_head.attribute_count = 2, beside_head.head_products, frequent.carriers) as rest_carriers
    from beside_head
    left join pairs on beside_head.pair_id = pairs.combination_id
    left join frequent on beside_head.rest_id = frequent.combination_id

),

modifiers as (

    select
        combination_id,
        array_sort(collect_list(struct(
            facet,
            value,
            round(
                products_with_head * cast(catalog_products as double) / (cast(products as double) * head_products), 6
            ) as lift,
            round(carriers / cast(rest_carriers as double), 6) as share
        ))) as modifiers,
        -- Rounded because the order of a float's product is not fixed.
        case
            when count(*) < 2 then null
            when min(products_with_head) = 0 then 0d
            else round(
                max(carriers) / exp(sum(ln(products_with_head / cast(head_products as double)))) / max(head_products), 6
            )
        end as together
    from beside_head_counted
    group by combination_id

),

attribute_pairs as (

    select
        one.combination_id,
        one.value,
        other.value as other_value,
        one.is_product_type or other.is_product_type as has_product_type,
        one.parent_attribute_id <=> other.attribute_id
        or other.parent_attribute_id <=> one.attribute_id as is_parent_and_child,
        array_except(split(one.value, ' '), split(other.value, ' ')) as words,
        array_except(split(other.value, ' '), split(one.value, ' ')) as other_words
    from known as one
    inner join known as other
        on one.combination_id = other.combination_id and one.attribute_id < other.attribute_id

),

-- Two values contrast when they differ in one word each and these two are opposites: "long sleeve" and "short sleeve",
-- but not "long" and "short sleeve". What the type is called is no statement ("long shorts").
conflicts as (

    select
        attribute_pairs.combination_id,
        array_sort(collect_set(if(
            attribute_pairs.is_parent_and_child,
            concat("'", attribute_pairs.value, "' and '", attribute_pairs.other_value, "': one includes the other"),
            concat("'", attribute_pairs.value, "' contradicts '", attribute_pairs.other_value, "'")
        ))) as conflicts
    from attribute_pairs
    left join contrasts
        on
            attribute_pairs.words[0] = contrasts.word
            and attribute_pairs.other_words[0] = contrasts.contrast
            and size(attribute_pairs.words) = 1
            and size(attribute_pairs.other_words) = 1
            and not attribute_pairs.has_product_type
    where attribute_pairs.is_parent_and_child or contrasts.word is not null
    group by attribute_pairs.combination_id

),

title_attributes as (

    select
        combination_id,
        max(carriers) as carriers,
        array_sort(collect_list(struct(title_position, facet, value))) as attributes
    from known
    group by combination_id

),

final as (

    select
        title_attributes.combination_id,
        transform(
            title_attributes.attributes,
            attribute -> struct(attribute.facet, attribute.value, attribute.title_position as position)
        ) as attributes,
        struct(
            title_attributes.carriers,
            cast({{ var('min_collection_size') }} as bigint) as enough,
            modifiers.together,
            modifiers.modifiers,
            conflicts.conflicts
        ) as evidence
    from title_attributes
    left join modifiers on title_attributes.combination_id = modifiers.combination_id
    left join conflicts on title_attributes.combination_id = conflicts.combination_id

)

select * from final
{% endmacro %}
