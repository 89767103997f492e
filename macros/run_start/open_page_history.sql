{#- Makes `raw_page_history`: a view over what builds before this one recorded in page_history, empty before the first. A build reads its own
    past through it, as a model cannot refer to one that depends on it. -#}
{% macro open_page_history(tables) %}
    {{ view_page_history('page_history' in tables, "release < '" ~ release_name() ~ "'") }}
{% endmacro %}

{#- At a run's end the view holds this build too: whoever reads `standing_pages` between builds, such as a build of a change that defers to this
    schema, knows the last one. -#}
{% macro close_page_history() %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') %}
        {{ view_page_history('page_history' in standing_tables(), 'true') }}
    {% endif %}
{% endmacro %}

{% macro view_page_history(recorded, condition) %}
    {% set columns = {
        'release': 'string', 'slug': 'string', 'collection_id': 'string', 'attribute_ids': 'array<string>', 'status': 'string',
        'title': 'string', 'description': 'string', 'quality_score': 'double', 'quality_source': 'string', 'products': 'bigint',
        'content_hash': 'string', 'last_modified': 'timestamp',
    } %}
    {% set history = target.schema ~ '.page_history' %}
    {% set selected = [] %}
    {% for column, type in columns.items() %}
        {% do selected.append(column if recorded else "cast(null as " ~ type ~ ") as " ~ column) %}
    {% endfor %}
    {% do run_query(
        "create or replace view " ~ target.schema ~ ".raw_page_history as select " ~ selected | join(', ')
        ~ (" from " ~ history ~ " where " ~ condition if recorded else " where false")
    ) %}
{% endmacro %}
