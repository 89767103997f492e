{#- `dbt run-operation estimate_cost`: what a build would ask a model, and what that would cost. Asks nothing. -#}
{% macro estimate_cost() %}
    {% if execute %}
        {% for line in cost_estimate() %}
            {{ print(line) }}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#- The estimate as lines. The first stage with something left to ask is exact in its calls. What the stages after it
    ask depends on its answers: the most they can ask is a bound, beside what the standing tables would ask. -#}
{% macro cost_estimate() %}
    {% if not env_var('PINLANDING_MODEL', '') %}
        {{ exceptions.raise_compiler_error("PINLANDING_MODEL is not set: name the model whose calls are to be priced.") }}
    {% endif %}
    {% set tables = standing_tables() %}
    {% set stages = model_stages() %}
    {% set missing = stages.extract_attributes.tables | reject('in', tables) | list %}
    {% if missing %}
        {{ exceptions.raise_compiler_error(
            "There is no table " ~ missing[0] ~ " yet, from which questions are made. Run "
            ~ "`dbt build --select +extraction_sample facets model_prices` first: it asks no model."
        ) }}
    {% endif %}
    {% set price = model_price(tables) %}
    {% set header = "{:<30}{:>9}{:>14}{:>14}{:>13}{:>12}{:>14}".format(
        'stage', 'calls', 'at most', 'tokens in', 'tokens out', 'USD', 'USD at most'
    ) %}
    {% set lines = [
        "Calls to " ~ env_var('PINLANDING_MODEL') ~ " for answers that are not in the cache"
        ~ ("; seeds/model_prices.csv has no row for it:" if price is none else ":"), header
    ] %}
    {% set known = namespace(so_far=true, all=true, usd=0, most_usd=0) %}
    {% for name, stage in stages.items() %}
        {% set stands = stage.tables | reject('in', tables) | list | length == 0 %}
        {% set figures = figures_of(stage.questions, stage.price) if stands else none %}
        {% if figures and figures.calls %}
            {% do use_measured_tokens(figures, name.split(' ')[0], tables) %}
        {% endif %}
        {% set exact = stands and known.so_far %}
        {% set most = figures if exact else most_figures(name, stage, figures, tables) %}
        {% set known.so_far = exact and not figures.calls and is_answered(stage, tables) %}
        {% set known.all = known.all and stands %}
        {% set usd = dollars(price, figures.tokens_in, figures.tokens_out) if figures else none %}
        {% set most_usd = dollars(price, most.most_tokens_in, most.most_tokens_out) if most else none %}
        {% set known.usd = known.usd + (usd or 0) %}
        {% set known.most_usd = known.most_usd + most_usd if most_usd is not none and known.most_usd is not none else none %}
        {% do lines.append("{:<30}{:>9}{:>14}{:>14}{:>13}{:>12}{:>14}".format(
            name,
            "{:,}".format(figures.calls) if figures else '?',
            'exact' if exact else "{:,}".format(most.calls) if most else '?',
            "{:,}".format(figures.tokens_in) if figures else '?',
            "{:,}".format(figures.tokens_out) if figures else '?',
            "{:,.4f}".format(usd) if usd is not none else '?',
            "{:,.4f}".format(most_usd) if most_usd is not none else '?',
        )) %}
    {% endfor %}
    {% do lines.append("{:<30}{:>9}{:>14}{:>14}{:>13}{:>12}{:>14}".format(
        'together', '', '', '', '', "{:,.4f}{}".format(known.usd, '' if known.all else ' + ?') if price is not none else '?',
        "{:,.4f}".format(known.most_usd) if known.most_usd is not none else '?'
    )) %}
    {% do lines.append(
        "Tokens are the mean of this model's earlier calls, else a rule of thumb. USD at most counts every token that can be "
        ~ "billed, and each answer repaired once."
    ) %}
    {% do lines.append(
        "Set PINLANDING_BUDGET_USD to the most that a build may cost: it stops before that, keeps what was bought, and the "
        ~ "next build asks for the rest."
    ) %}
    {{ return(lines) }}
{% endmacro %}

{% macro dollars(price, tokens_in, tokens_out) %}
    {{ return(none if price is none else (tokens_in * price[0] + tokens_out * price[1]) / 1000000) }}
{% endmacro %}

{#- Whether every question of a stage has its answer in the stage's table. -#}
{% macro is_answered(stage, tables) %}
    {% if stage.answers not in tables %}
        {{ return(false) }}
    {% endif %}
    {% set counts = run_query(
        "select (select count(*) from (" ~ stage.questions ~ ")) as questions, "
        ~ "(select count_if(answer.error is null) from " ~ standing_table(stage.answers) ~ ") as answers"
    ).rows[0] %}
    {{ return(counts['answers'] >= counts['questions']) }}
{% endmacro %}

{#- Replaces the rule of thumb by the mean tokens of the stage's earlier calls to the same model, where there are any. -#}
{% macro use_measured_tokens(figures, stage, tables) %}
    {% if 'llm_calls' in tables %}
        {% set row = run_query(
            "select avg(tokens_in) as tokens_in, avg(tokens_out) as tokens_out from " ~ standing_table('llm_calls')
            ~ " where error is null and stage = '" ~ stage ~ "' and model = " ~ setting('PINLANDING_MODEL')
        ).rows[0] %}
        {% for name in ('tokens_in', 'tokens_out') if row[name] is not none %}
            {% do figures.update({name: (row[name] * figures.calls) | round | int}) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#- The most that a stage can ask, whatever the stages before it answer; none where a table to count by is missing.
    A product has up to 60 attributes, 5 a facet (python_udfs/model_calls/schemas.py), those of its cells, of which a shelf can
    be a product type too, and what was learned from labels; a value that is reviewed needs
    min_attribute_products products, a combination min_collection_size, its attributes are of distinct facets. -#}
{% macro most_figures(name, stage, figures, tables) %}
    {#- The run's start makes the view of the log that the staging model cleans. -#}
    {% set log = 'stg_search_queries' if 'stg_search_queries' in tables else 'raw_search_log' %}
    {% set counted_by = [] if name == 'judge_product' else [log] if 'search log' in name else ['products', 'extraction_sample', 'facets'] %}
    {% if counted_by | reject('in', tables) | list %}
        {{ return(none) }}
    {% endif %}
    {% if name == 'judge_product' %}
        {% set calls = 2 * 10 * var('judged_collections') %}
    {% elif 'search log' in name %}
        {% set calls = run_query(
            "select count(*) as calls from " ~ standing_table(log)
            ~ (" where searches >= " ~ var('min_searches') if log == 'stg_search_queries' else "")
        ).rows[0]['calls'] | int %}
    {% else %}
        {% set labels = ['learned_labels', 'stg_labels', 'raw_labels'] | select('in', tables) | first %}
        {% set counts = run_query(
            "select (select count(*) from " ~ standing_table('extraction_sample') ~ ") as asked, "
            ~ "(select count(*) from " ~ standing_table('products') ~ ") as products, "
            ~ "(select sum(aggregate(catalog_attributes, 0, (parts, cell) -> parts + if(cell.facet = 'category', 2, 1) "
            ~ "* size(split(cell.value, '[|;,/]')))) from " ~ standing_table('products') ~ ") as cells, "
            ~ "(select count(*) from " ~ (standing_table(labels) if labels else "(select 1 where false)") ~ ") as labels, "
            ~ "(select count_if(searchable) from " ~ standing_table('facets') ~ ") as facets"
        ).rows[0] %}
        {% if name == 'review_attribute' %}
            {% set pairs = (counts['asked'] * 60 + (counts['cells'] or 0) + counts['labels']) | int %}
            {% set calls = pairs // var('min_attribute_products') %}
        {% else %}
            {% set memberships = namespace(of_a_product=0, choices=1) %}
            {% for others in range(1, var('max_combination_size')) %}
                {% set memberships.choices = memberships.choices * 5 * ((counts['facets'] | int) - others) // others %}
                {% if others + 1 >= var('min_combination_size') %}
                    {% set memberships.of_a_product = memberships.of_a_product + 5 * memberships.choices %}
                {% endif %}
            {% endfor %}
            {% set calls = (counts['products'] | int) * memberships.of_a_product // var('min_collection_size') %}
        {% endif %}
    {% endif %}
    {% set one = figures_of(stage.largest, stage.price) %}
    {% set calls = [calls, figures.calls if figures else 0] | max %}
    {#- A picture is sent again with a repair; how many tokens it can be is python_udfs/model_calls/tokens.py's. -#}
    {% set most_tokens_in = one.most_tokens_in + 2 * stage.get('most_picture_tokens', 0) %}
    {{ return({
        'calls': calls, 'most_tokens_in': calls * most_tokens_in, 'most_tokens_out': calls * one.most_tokens_out,
    }) }}
{% endmacro %}
