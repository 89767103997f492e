{#- After a build of everything in which nothing failed: one row per public table, with the version it has now. -#}
{% macro record_release(results) %}
    {%- set releases = ref('releases') -%}
    {% if execute and is_release(results) %}
        {% set rows = [] %}
        {% for table in public_tables() %}
            {% do rows.append("'" ~ table.name ~ "', " ~ current_version(table)) %}
        {% endfor %}
        {% do run_query(
            "insert into " ~ releases ~ " select '" ~ release_name() ~ "', table_name, version, "
            ~ "current_timestamp(), " ~ setting('PINLANDING_CODE_VERSION') ~ " from values (" ~ rows | join('), (')
            ~ ") as made(table_name, version)"
        ) %}
    {% endif %}
{% endmacro %}

{#- Whether a run built every public table and nothing failed. -#}
{% macro is_release(results) %}
    {% set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.unique_id') | list %}
    {% set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'skipped', 'partial success']) | list %}
    {% set missing = public_tables() | rejectattr('unique_id', 'in', built) | list %}
    {{ return(flags.WHICH == 'build' and not flags.EMPTY and not failed and not missing) }}
{% endmacro %}

{#- The models whose tables are public, by name: those with a contract. `releases` is about them; a view has no versions, and a history is
    not undone. -#}
{% macro public_tables() %}
    {% set tables = [] %}
    {% for node in graph.nodes.values() | sort(attribute='name') if node.resource_type == 'model' and node.package_name == 'pinlanding' %}
        {% if node.config.contract.enforced and node.config.materialized != 'view' and node.name not in ('releases', 'collection_history') %}
            {% do tables.append(node) %}
        {% endif %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}

{#- The version of a public table in Delta Lake, as SQL; null in a format without versions. -#}
{% macro current_version(table) %}
    {% if table.config.file_format != 'delta' %}
        {{ return("cast(null as bigint)") }}
    {% endif %}
    {% set history = run_query("describe history " ~ table.schema ~ "." ~ table.alias ~ " limit 1") %}
    {{ return("cast(" ~ history.columns['version'].values()[0] ~ " as bigint)") }}
{% endmacro %}
