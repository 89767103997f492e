{#- With a release: one row per collection in collection_history, by its page; a retired page may have had the same one. -#}
{% macro record_collection_history(results) %}
    {%- set history = ref('collection_history') -%}
    {%- set pages = ref('landing_pages') -%}
    {%- set collections = ref('collections') -%}
    {% if execute and is_release(results) %}
        {% do run_query(
            "insert into " ~ history ~ " select '" ~ release_name() ~ "', pages.collection_id, min_by(pages.status, pages.status = 'retired'), "
            ~ "max(pages.products), max(collections.quality_score) from " ~ pages ~ " as pages left join " ~ collections
            ~ " as collections on pages.collection_id = collections.collection_id group by pages.collection_id"
        ) %}
    {% endif %}
{% endmacro %}
