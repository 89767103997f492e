with

attributes as (

    select * from {{ ref('attributes') }}

),

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

named_cells as (

    select * from {{ ref('named_cells') }}

),

attribute_ancestors as (

    select * from {{ ref('attribute_ancestors') }}

),

encoder_pairs as (

    select * from {{ ref('encoder_pairs') }}

),

attribute_scores as (

    select * from {{ ref('attribute_scores') }}

),

attribute_thresholds as (

    select * from {{ ref('attribute_thresholds') }}

),

scored_products as (

    select distinct product_id
    from attribute_scores

),

implied_votes as (

    select
        encoder_pairs.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id,
        encoder_pairs.score
    from encoder_pairs
    inner join attribute_ancestors on encoder_pairs.attribute_id = attribute_ancestors.attribute_id

),

all_votes as (

    select
        product_id,
        attribute_id,
        score
    from encoder_pairs
    union all
    select
        product_id,
        attribute_id,
        score
    from implied_votes

),

votes as (

    select
        product_id,
        attribute_id,
        max(score) as score
    from all_votes
    group by product_id, attribute_id

),

extracted as (

    select
        extracted_pairs.product_id,
        extracted_pairs.attribute_id,
        extracted_pairs.source,
        1 - (1 - extracted_pairs.confidence) * (1 - coalesce(votes.score, 0)) as score,
        case
            when votes.product_id is not null then true
            when attribute_thresholds.usable and scored_products.product_id is not null then false
        end as agreed
    from extracted_pairs
    left join votes
        on
            extracted_pairs.product_id = votes.product_id
            and extracted_pairs.attribute_id = votes.attribute_id
    left join attribute_thresholds on extracted_pairs.attribute_id = attribute_thresholds.attribute_id
    left join scored_products on extracted_pairs.product_id = scored_products.product_id

),

assigned as (

    select
        encoder_pairs.product_id,
        encoder_pairs.attribute_id,
        'encoder' as source,
        encoder_pairs.score,
        cast(null as boolean) as agreed
    from encoder_pairs
    left anti join named_cells
        on
            encoder_pairs.product_id = named_cells.product_id
            and encoder_pairs.facet = named_cells.facet
    where encoder_pairs.applicable

),

named_or_seen as (

    select * from extracted
    union all
    select * from assigned

),

inherited as (

    select
        named_or_seen.product_id,
        attribute_ancestors.ancestor_attribute_id as attribute_id,
        'parent' as source,
        named_or_seen.score,
        cast(null as boolean) as agreed
    from named_or_seen
    inner join attribute_ancestors on named_or_seen.attribute_id = attribute_ancestors.attribute_id

),

pairs as (

    select * from named_or_seen
    union all
    select * from inherited

),

strongest as (

    select
        product_id,
        attribute_id,
        max(score) as score,
        min_by(
            struct(source, agreed),
            array_position(array('catalog', 'extracted', 'encoder', 'parent'), source)
        ) as strongest
    from pairs
    group by product_id, attribute_id

),

final as (

    select
        strongest.product_id,
        strongest.attribute_id,
        attributes.facet,
        attributes.value,
        strongest.score,
        strongest.strongest.source,
        strongest.strongest.agreed,
        attribute_scores.similarity
    from strongest
    inner join attributes on strongest.attribute_id = attributes.attribute_id
    left join attribute_scores
        on
            strongest.product_id = attribute_scores.product_id
            and strongest.attribute_id = attribute_scores.attribute_id

)

select * from final
