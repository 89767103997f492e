{#- What a build made, in a few lines: sizes, coverage, precision and recall, the five best pages, where the tables are, what to do next. -#}
{% macro print_summary(results) %}
    {#- Every ref outside the condition: dbt finds the dependencies of a hook by reading it. -#}
    {% set tables = {} %}
    {% do tables.update({'products': ref('products')}) %}
    {% do tables.update({'stg_products_rejected': ref('stg_products_rejected')}) %}
    {% do tables.update({'attributes': ref('attributes')}) %}
    {% do tables.update({'product_attributes': ref('product_attributes')}) %}
    {% do tables.update({'collections': ref('collections')}) %}
    {% do tables.update({'collection_products': ref('collection_products')}) %}
    {% do tables.update({'override_warnings': ref('override_warnings')}) %}
    {% do tables.update({'topic_coverage': ref('topic_coverage')}) %}
    {% do tables.update({'collection_precision': ref('collection_precision')}) %}
    {% do tables.update({'attribute_recall': ref('attribute_recall')}) %}
    {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error']) | list %}
    {% set built = results | map(attribute='node.name') | list %}
    {% if execute and flags.WHICH == 'build' and not failed and 'topic_coverage' in built %}
        {% set counts = run_query(
            "select (select count(*) from " ~ tables.products ~ ") as products, "
            ~ "(select count(*) from " ~ tables.attributes ~ ") as attributes, "
            ~ "(select count(*) from " ~ tables.product_attributes ~ ") as pairs, "
            ~ "(select count(*) from " ~ tables.collections ~ ") as collections, "
            ~ "(select count(distinct product_id) from " ~ tables.collection_products ~ ") as reached"
        ).rows[0] %}
        {#- What topic_coverage is not made of may be missing: a selection left it out of a new warehouse. -#}
        {% set rejected = rows_if_built(tables.stg_products_rejected, "select count(*) as count from ") %}
        {% set warnings = rows_if_built(tables.override_warnings, "select count(*) as count from ", " having count(*) > 0") %}
        {% set best = run_query(
            "select title, products, quality_score from " ~ tables.collections
            ~ " order by quality_score desc, size(attributes) desc, products desc, collection_id limit 5"
        ) %}
        {% set precision = rows_if_built(
            tables.collection_precision, "select judge, approach, precision, low, high, judged from ", " where k = 10 order by judge, approach"
        ) %}
        {% set coverage = run_query(
            "select approach, topics, topics_other_lacks, product_share, demand_share, satisfiable_demand_share from "
            ~ tables.topic_coverage ~ " where product_type = 'all' order by approach"
        ) %}
        {% set recall = rows_if_built(
            tables.attribute_recall, "select modality, recall, pairs from ",
            " where split = 'test' and k = 10 and recall is not null order by modality"
        ) %}
        {% set share = 100 * counts['reached'] / [counts['products'], 1] | max %}
        {% set lines = [
            "",
            "{:,} products{} · {:,} attributes on {:,} product-attribute pairs".format(
                counts['products'] | int, " ({:,} rows rejected)".format(rejected[0]['count'] | int) if rejected else "",
                counts['attributes'] | int, counts['pairs'] | int
            ),
            "{:,} collections that reach {:.0f} % of the products".format(counts['collections'] | int, share),
        ] %}
        {% for row in coverage.rows %}
            {% set served = "" if row['demand_share'] is none else ", {:.1f} % of the searches ({:.1f} % of those that products fit)".format(
                100 * row['demand_share'] | float, 100 * (row['satisfiable_demand_share'] or 0) | float
            ) %}
            {% do lines.append("topics, {}: {:,} ({:,} that the other lacks), {:.1f} % of the products{}".format(
                row['approach'], row['topics'] | int, row['topics_other_lacks'] | int, 100 * row['product_share'] | float, served
            )) %}
        {% endfor %}
        {% for row in precision %}
            {% do lines.append("precision@10 by {}, {}: {:.3f} ({:.3f} to {:.3f}) over {:,} collections".format(
                row['judge'], row['approach'], row['precision'] | float, row['low'] | float, row['high'] | float, row['judged'] | int
            )) %}
        {% endfor %}
        {% for row in recall %}
            {% do lines.append("recall@10 of attributes, {} alone: {:.3f} over {:,} labels".format(
                row['modality'], row['recall'] | float, row['pairs'] | int
            ) | replace('fused alone', 'image and text')) %}
        {% endfor %}
        {% if best | length %}
            {% do lines.append("The best collections:") %}
            {% for row in best.rows %}
                {% do lines.append("  {:<60} {:>7,} products   quality {:.1f}".format(
                    row['title'], row['products'] | int, row['quality_score'] | float
                )) %}
            {% endfor %}
        {% endif %}
        {% for row in warnings %}
            {% do lines.append("{:,} rows of seeds/collection_overrides.csv have no effect: select * from override_warnings".format(
                row['count'] | int
            )) %}
        {% endfor %}
        {% set folder = env_var('PINLANDING_WAREHOUSE', 'warehouse') ~ "/" ~ target.schema ~ ".db" %}
        {% do lines.extend([
            "Tables: " ~ folder,
            "Look inside: README.md shows how DuckDB reads Delta tables" if table_format() == 'delta'
            else "Look inside: duckdb -c \"select title, products from '" ~ folder ~ "/collections/*.parquet' order by products desc limit 20\"",
            "Next: make train (fine-tune the encoder on this catalogue) · dbt docs generate && dbt docs serve · README.md",
            "",
        ]) %}
        {% for line in lines %}
            {{ print(line) }}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#- The rows of a question to a table, none where it is not built. -#}
{% macro rows_if_built(relation, question, condition='') %}
    {{ return(run_query(question ~ relation ~ condition).rows if load_relation(relation) else []) }}
{% endmacro %}
