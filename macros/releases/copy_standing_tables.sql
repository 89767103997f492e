{#- `dbt run-operation copy_standing_tables --args '{schema: …}'`: what later builds add to, and expensive functions filled, copied from another
    schema of the warehouse into this one's, which must not have it yet. A build in a scratch schema then embeds and asks nothing again. -#}
{% macro copy_standing_tables(schema) %}
    {% if schema == target.schema %}
        {{ exceptions.raise_compiler_error(
            "The schema " ~ schema ~ " would be copied into itself: set PINLANDING_SCHEMA to the scratch schema's name."
        ) }}
    {% endif %}
    {% do run_query("create schema if not exists " ~ target.schema) %}
    {% set standing = run_query("show tables in " ~ schema).columns['tableName'].values() %}
    {% set here = standing_tables() %}
    {% set copied = [] %}
    {% for node in graph.nodes.values() | sort(attribute='name')
        if node.package_name == 'pinlanding' and node.config.materialized == 'incremental' and node.alias in standing and node.alias not in here %}
        {% do run_query(
            "create table " ~ target.schema ~ "." ~ node.alias ~ " using " ~ node.config.file_format ~ " as select * from "
            ~ schema ~ "." ~ node.alias
        ) %}
        {% do copied.append(node.alias) %}
    {% endfor %}
    {{ print(
        "Copied from " ~ schema ~ " to " ~ target.schema ~ ": " ~ (copied | join(', ') or 'nothing') ~ ". Tables that stand there already are left alone."
    ) }}
{% endmacro %}
