{#- Makes `raw_page_history`: a view over what builds before this one recorded in page_history, empty before the first. A build reads its own
    past through it, as a model cannot refer to one that depends on it. -#}
{% macro open_page_history(tables) %}
    {% set columns = {
        'release': 'string', 'slug': 'string', 'collection_id': 'string', 'attribute_ids': 'array<string>', 'status': 'string',
        'title': 'string', 'description': 'string', 'quality_score': 'double', 'quality_source': 'string', 'products': 'bigint',
        'content_hash': 'string', 'last_modified': 'timestamp',
    } %}
    {% set history = target.schema ~ '.page_history' %}
    {% set recorded = 'page_history' in tables %}
    {% set selected = [] %}
    {% for column, type in columns.items() %}
        {% do selected.append(column if recorded else "cast(null as " ~ type ~ ") as " ~ column) %}
    {% endfor %}
    {% do run_query(
        "create or replace view " ~ target.schema ~ ".raw_page_history as select " ~ selected | join(', ')
        ~ (" from " ~ history ~ " where release < '" ~ release_name() ~ "'" if recorded else " where false")
    ) %}
{% endmacro %}
