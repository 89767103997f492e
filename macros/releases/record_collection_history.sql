{#- With a release: one row per page in collection_history. -#}
{% macro record_collection_history(results) %}
    {%- set history = ref('collection_history') -%}
    {%- set pages = ref('landing_pages') -%}
    {%- set collections = ref('collections') -%}
    {% if execute and is_release(results) %}
        {% do run_query(
            "insert into " ~ history ~ " select '" ~ release_name() ~ "', pages.collection_id, pages.status, pages.products, collections.quality_score "
            ~ "from " ~ pages ~ " as pages left join " ~ collections ~ " as collections on pages.collection_id = collections.collection_id"
        ) %}
    {% endif %}
{% endmacro %}
