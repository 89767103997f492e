{#- Our settings. -#}
{%- set min_facet_share = 0.1 -%}
{%- set min_brand_share = 0.6 -%}
with

products as (

    select * from {{ ref('products') }}

),

product_texts as (

    select * from {{ ref('product_texts') }}

),

text_matches as (

    select * from {{ ref('text_matches') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

title_product_types as (

    select * from {{ ref('title_product_types') }}

),

product_type_candidates as (

    select * from {{ ref('product_type_candidates') }}

),

facets as (

    select * from {{ ref('facets') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

title_openings as (

    select
        product_texts.product_id,
        max(text_matches.last_position) as closed_length,
        max_by(
            array_join(slice(product_texts.words, 1, text_matches.last_position + 1), ' '), text_matches.last_position
        ) as opening,
        max_by(
            try_element_at(product_texts.words, cast(text_matches.last_position + 1 as int)), text_matches.last_position
        ) as next_word
    from product_texts
    inner join text_matches
        on
            product_texts.product_id = text_matches.product_id
            and product_texts.evidence = text_matches.evidence
            and product_texts.segment = text_matches.segment
    where product_texts.evidence = 'title' and product_texts.segment = 1 and text_matches.first_position = 1
    group by product_texts.product_id

),

word_titles as (

    select
        token.word,
        count(distinct product_texts.product_id) as titles
    from product_texts
        lateral view explode(words) token as word
    where product_texts.evidence = 'title'
    group by token.word

),

-- "Red Tape": a colour tied to a word that hardly ever stands without it opens the title as a brand, not as a colour.
brand_openings as (

    select title_openings.opening
    from title_openings
    inner join word_titles on title_openings.next_word = word_titles.word
    left join product_type_candidates
        on title_openings.next_word = product_type_candidates.phrase and product_type_candidates.is_accepted
    left join closed_lexicon on title_openings.next_word = closed_lexicon.phrase
    where product_type_candidates.phrase is null and closed_lexicon.phrase is null
    group by title_openings.opening
    having count(distinct title_openings.product_id) >= greatest(5, {{ min_brand_share }} * max(word_titles.titles))

),

branded as (

    select
        title_openings.product_id,
        title_openings.closed_length as brand_length
    from title_openings
    inner join brand_openings on title_openings.opening = brand_openings.opening
    union all
    select
        product_id,
        size(split({{ match_key(normalized_value('brand')) }}, ' ')) as brand_length
    from products
    where {{ match_key(normalized_value('title')) }} like concat({{ match_key(normalized_value('brand')) }}, ' %')

),

brands as (

    select
        product_id,
        max(brand_length) as brand_length
    from branded
    group by product_id

),

named as (

    select
        text_matches.*,
        title_product_types.phrase as product_type,
        closed_lexicon.value,
        coalesce(
            text_matches.evidence = 'title'
            and text_matches.segment = title_product_types.segment
            and text_matches.first_position <= title_product_types.last_position
            and text_matches.last_position >= title_product_types.first_position,
            false
        ) as is_in_type
    from text_matches
    inner join closed_lexicon
        on text_matches.facet = closed_lexicon.facet and text_matches.phrase = closed_lexicon.phrase
    left join title_product_types on text_matches.product_id = title_product_types.product_id
    left join brands on text_matches.product_id = brands.product_id
    where
        not text_matches.is_negated
        and not coalesce(
            text_matches.evidence = 'title'
            and text_matches.segment = 1
            and text_matches.first_position <= brands.brand_length,
            false
        )

),

type_sizes as (

    select
        coalesce(title_product_types.phrase, '') as product_type,
        count(*) as products
    from products
    left join title_product_types on products.product_id = title_product_types.product_id
    group by coalesce(title_product_types.phrase, '')

),

-- Whether things of this kind are sold by colour, by material …: then "peach" is a colour, and on a lip balm it is not.
type_facets as (

    select
        named.facet,
        coalesce(named.product_type, '') as product_type,
        count(distinct named.product_id) / max(type_sizes.products) as facet_share
    from named
    inner join type_sizes on coalesce(named.product_type, '') = type_sizes.product_type
    where named.evidence = 'title' and not named.ambiguous
    group by named.facet, coalesce(named.product_type, '')

),

credible as (

    select
        named.product_id,
        named.facet,
        named.value,
        named.spelling,
        named.evidence,
        named.ambiguous,
        case named.evidence when 'title' then 1 when 'tags' then 2 else 3 end as evidence_rank,
        named.segment * 1000 + named.first_position as place
    from named
    left join type_facets
        on named.facet = type_facets.facet and coalesce(named.product_type, '') = type_facets.product_type
    where
        not named.ambiguous
        or (
            named.evidence = 'title'
            and not named.is_in_type
            and type_facets.facet_share >= {{ min_facet_share }}
        )

),

distinct_values as (

    select
        product_id,
        facet,
        value,
        evidence_rank,
        min(evidence) as evidence,
        min_by(spelling, place) as spelling,
        bool_and(ambiguous) as is_ambiguous,
        min(place) as place
    from credible
    group by product_id, facet, value, evidence_rank

),

weighed as (

    select
        distinct_values.*,
        facets.single_valued,
        facets.from_description,
        min(distinct_values.evidence_rank) over (
            partition by distinct_values.product_id, distinct_values.facet
        ) as best_evidence_rank,
        count(*) over (
            partition by distinct_values.product_id, distinct_values.facet, distinct_values.evidence_rank
        ) as values_there
    from distinct_values
    inner join facets on distinct_values.facet = facets.facet

),

-- The title is read first; the description only for what it left open, and only where it names one value.
chosen as (

    select *
    from weighed
    where
        evidence_rank = best_evidence_rank
        and (evidence_rank < 3 or (from_description and values_there = 1))

),

-- "Kids Boys": of a single-valued facet the narrower value stays, then the one named first.
implying as (

    select
        chosen.*,
        collect_set(value_parents.parent) over (partition by chosen.product_id, chosen.facet) as implied_values
    from chosen
    left join value_parents on chosen.facet = value_parents.facet and chosen.value = value_parents.value

),

narrowed as (

    select
        *,
        row_number() over (
            partition by product_id, facet
            order by array_contains(implied_values, value), is_ambiguous, place, value
        ) as choice
    from implying

),

closed_attributes as (

    select
        product_id,
        facet,
        spelling as value,
        evidence,
        cast(
            case evidence when 'title' then 0.95 when 'tags' then 0.9 else 0.8 end - if(is_ambiguous, 0.05, 0) as double
        ) as confidence
    from narrowed
    where not single_valued or choice = 1

),

product_types as (

    select
        product_id,
        'product_type' as facet,
        spelling as value,
        'title' as evidence,
        cast(confidence as double) as confidence
    from title_product_types

),

final as (

    select * from closed_attributes
    union all
    select * from product_types

)

select * from final
