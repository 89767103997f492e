{#- Every stage that asks a model, in order: its answers' table, the tables its questions are made of, the questions with
    the call that prices one, and the largest question it can have. -#}
{% macro model_stages() %}
    {% set whom = setting('PINLANDING_MODEL') ~ ", " ~ setting('PINLANDING_CACHE') ~ ")" %}
    {% set price_title = "estimate_title_collection(attributes, " ~ whom %}
    {% set largest_title %}
        select array_repeat(
            named_struct('facet', repeat('x', 60), 'value', repeat('x', 60)), {{ var('max_combination_size') }}
        ) as attributes
    {% endset %}
    {{ return({
        'extract_attributes': {
            'answers': 'attribute_answers',
            'tables': ['extraction_sample', 'products', 'facets'],
            'questions': "select * from (" ~ extraction_questions(standing_table) ~ ") as asked cross join ("
                ~ asked_facets(standing_table) ~ ") as facets",
            'price': "estimate_extract_attributes(image_uri, title, description, price, tags, "
                ~ setting('PINLANDING_IMAGE_ROOTS') ~ ", facets, " ~ whom,
        },
        'review_attribute': {
            'answers': 'vocabulary_review_answers',
            'tables': ['vocabulary_rules'],
            'questions': review_questions(standing_table),
            'price': "estimate_review_attribute(facet, value, products, " ~ whom,
            'largest': "select repeat('x', 60) as facet, repeat('x', 60) as value, cast(1 as bigint) as products",
        },
        'title_collection': {
            'answers': 'title_answers',
            'tables': ['combination_evidence', 'heuristic_titles'],
            'questions': title_questions(standing_table('combination_evidence'), standing_table('heuristic_titles')),
            'price': price_title,
            'largest': largest_title,
        },
        'title_collection (search log)': {
            'answers': 'search_log_title_answers',
            'tables': ['search_log_evidence', 'search_log_heuristic_titles'],
            'questions': title_questions(
                standing_table('search_log_evidence'), standing_table('search_log_heuristic_titles')
            ),
            'price': price_title,
            'largest': largest_title,
        },
        'judge_product': {
            'answers': 'judgement_answers',
            'tables': ['collections', 'search_log_collections', 'evaluated_collection_products', 'products'],
            'questions': judge_questions(standing_table),
            'price': "estimate_judge_product(page_title, title, description, image_uri, "
                ~ setting('PINLANDING_IMAGE_ROOTS') ~ ", " ~ whom,
            'largest': "select repeat('x', 80) as page_title, repeat('x', 500) as title, repeat('x', 4000) as description, "
                ~ "cast(null as string) as image_uri",
            'most_picture_tokens': 26000,
        },
    }) }}
{% endmacro %}

{#- What questions would take, without asking them: calls (distinct questions without a stored answer), tokens_in and
    tokens_out by a rule of thumb, and the most they can be. -#}
{% macro figures_of(questions, price) %}
    {% set statement %}
        with

        questions as (

            {{ questions }}

        ),

        priced as (

            select {{ price }} as request
            from questions

        ),

        requests as (

            select
                request.key,
                not max(request.cached) as is_call,
                max(request.tokens_in) as tokens_in,
                max(request.tokens_out) as tokens_out,
                max(request.most_tokens_in) as most_tokens_in,
                max(request.most_tokens_out) as most_tokens_out
            from priced
            group by request.key

        )

        select
            count_if(is_call) as calls,
            coalesce(sum(if(is_call, tokens_in, 0)), 0) as tokens_in,
            coalesce(sum(if(is_call, tokens_out, 0)), 0) as tokens_out,
            coalesce(sum(if(is_call, most_tokens_in, 0)), 0) as most_tokens_in,
            coalesce(sum(if(is_call, most_tokens_out, 0)), 0) as most_tokens_out
        from requests
    {% endset %}
    {% set row = run_query(statement).rows[0] %}
    {% set figures = {} %}
    {% for name in ('calls', 'tokens_in', 'tokens_out', 'most_tokens_in', 'most_tokens_out') %}
        {% do figures.update({name: row[name] | int}) %}
    {% endfor %}
    {{ return(figures) }}
{% endmacro %}

{#- The price of a model as seeds/model_prices.csv has it: dollars a million tokens in and out, or none. -#}
{% macro model_price(tables) %}
    {% set rows = run_query(
        "select usd_per_million_input_tokens, usd_per_million_output_tokens from " ~ standing_table('model_prices')
        ~ " where model = " ~ setting('PINLANDING_MODEL')
    ).rows if 'model_prices' in tables else [] %}
    {{ return((rows[0][0] | float, rows[0][1] | float) if rows else none) }}
{% endmacro %}
