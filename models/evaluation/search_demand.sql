with

search_query_attributes as (

    select * from {{ ref('search_query_attributes') }}

),

product_attributes as (

    select * from {{ ref('product_attributes') }}

),

title_search_index as (

    select * from {{ ref('title_search_index') }}

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

asked_terms as (

    select
        demand_id,
        explode(terms) as term
    from asked

),

wanted_terms as (

    select distinct term
    from asked_terms

),

product_terms as (

    select
        product_id,
        attribute_id as term
    from product_attributes
    union all
    select
        product_id,
        explode({{ word_terms('words') }}) as term
    from title_search_index

),

wanted_product_terms as (

    select distinct
        product_terms.product_id,
        product_terms.term
    from product_terms
    left semi join wanted_terms on product_terms.term = wanted_terms.term

),

term_counts as (

    select
        term,
        count(*) as products
    from wanted_product_terms
    group by term

),

products_of_terms as (

    select
        product_id,
        collect_set(term) as terms
    from wanted_product_terms
    group by product_id

),

-- The rarest term finds the products, so a demand costs as many rows as that term has products.
rarest as (

    select
        asked_terms.demand_id,
        min_by(asked_terms.term, struct(coalesce(term_counts.products, 0), asked_terms.term)) as term
    from asked_terms
    left join term_counts on asked_terms.term = term_counts.term
    group by asked_terms.demand_id

),

carried as (

    select
        asked.demand_id,
        count(*) as carriers
    from asked
    inner join rarest on asked.demand_id = rarest.demand_id
    inner join wanted_product_terms on rarest.term = wanted_product_terms.term
    inner join products_of_terms on wanted_product_terms.product_id = products_of_terms.product_id
    where size(array_except(asked.terms, products_of_terms.terms)) = 0
    group by asked.demand_id

),

final as (

    select
        asked.demand_id,
        asked.attribute_ids,
        asked.other_words,
        asked.searches,
        asked.queries,
        asked.commonest_query,
        coalesce(carried.carriers, 0) as carriers,
        coalesce(carried.carriers, 0) >= {{ var('min_collection_size') }} as is_satisfiable
    from asked
    left join carried on asked.demand_id = carried.demand_id

)

select * from final
