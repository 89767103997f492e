{#- What each stage asks a model. `relation` gives a table by its model's name: `ref` in a model; `standing_table` where
    a question is only priced, of tables that may belong to stages after the one that is being built. -#}

{#- How many tasks questions are spread over, as many as ask at once: every task ends with its slowest call. Without its
    number a small catalogue's questions would be one task (suit_spark_to_inputs). -#}
{% macro asking_tasks() %}{{ env_var('PINLANDING_ASKING_TASKS', '') or 1 }}{% endmacro %}

{#- One row per distinct content of the extraction sample. -#}
{% macro extraction_questions(relation) %}
select /*+ repartition({{ asking_tasks() }}) */
    products.content_key,
    max(if(products.image_error is null, products.image_uri, null)) as image_uri,
    max(products.title) as title,
    max(products.description) as description,
    max(cast(products.price as string)) as price,
    max(products.tags) as tags
from {{ relation('extraction_sample') }} as extraction_sample
inner join {{ relation('products') }} as products on extraction_sample.product_id = products.product_id
group by products.content_key
{% endmacro %}

{#- One row: the facets that products are asked about. -#}
{% macro asked_facets(relation) %}
select array_sort(collect_list(facet)) as facets
from {{ relation('facets') }}
where searchable
{% endmacro %}

{#- One row per value that the rules keep and no person has decided on. -#}
{% macro review_questions(relation) %}
select /*+ repartition({{ asking_tasks() }}) */
    facet,
    value,
    products
from {{ relation('vocabulary_rules') }}
where
    state = 'kept'
    and not reviewed
{% endmacro %}

{#- One row per combination without a contradiction. -#}
{% macro title_questions(evidence, heuristic_titles) %}
select /*+ repartition({{ asking_tasks() }}) */
    evidence.combination_id,
    transform(evidence.attributes, attribute -> struct(attribute.facet, attribute.value)) as attributes
from {{ evidence }} as evidence
inner join {{ heuristic_titles }} as heuristic_titles on evidence.combination_id = heuristic_titles.combination_id
where heuristic_titles.titled.valid
{% endmacro %}

{#- One row per approach, collection of its sample by hash, and product of its first ten. -#}
{% macro judge_questions(relation) %}
select /*+ repartition({{ asking_tasks() }}) */
    sampled.approach,
    sampled.collection_id,
    listed.product_id,
    sampled.page_title,
    products.title,
    products.description,
    if(products.image_error is null, products.image_uri, null) as image_uri
from (
    select
        *,
        row_number() over (partition by approach order by md5(concat_ws('|', approach, collection_id)) asc) as place
    from (
        select
            'content_first' as approach,
            collection_id,
            title as page_title
        from {{ relation('collections') }}
        union all
        select
            'search_log' as approach,
            collection_id,
            title as page_title
        from {{ relation('search_log_collections') }}
    )
) as sampled
inner join {{ relation('evaluated_collection_products') }} as listed
    on sampled.approach = listed.approach and sampled.collection_id = listed.collection_id
inner join {{ relation('products') }} as products on listed.product_id = products.product_id
where sampled.place <= {{ var('judged_collections') }} and listed.rank <= 10
{% endmacro %}
