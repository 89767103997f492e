{{ config(pre_hook=measure_no_batches(), post_hook=measure_batches()) }}

with

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

product_terms as (

    select * from {{ ref('product_terms') }}

),

asked as (

    select
        demand_id,
        attribute_ids,
        other_words,
        concat(attribute_ids, {{ word_terms('other_words') }}) as terms,
        sum(searches) as searches,
        count(*) as queries,
        max_by(query, struct(searches, query)) filter (where is_public) as commonest_query
    from search_query_attributes
    group by demand_id, attribute_ids, other_words

),

known_terms as (

    select distinct attribute_id as term
    from product_terms

),

asked_terms as (

    select
        demand_id,
        terms,
        explode(terms) as term
    from asked

),

-- Nothing fits who asks for what no product has, and a log holds more misspelled words than a catalogue has words.
answerable as (

    select
        asked_terms.demand_id,
        any_value(asked_terms.terms) as attribute_ids
    from asked_terms
    inner join known_terms on asked_terms.term = known_terms.term
    group by asked_terms.demand_id
    having count(*) = size(any_value(asked_terms.terms))

),

{{ overlap_join('answerable', 'demand_id', 'product_terms', 0, 1) }},

final as (

    select
        asked.*,
        coalesce(overlap_sets.products, 0) as carriers
    from asked
    left join overlap_sets on asked.demand_id = overlap_sets.demand_id

)

select * from final
