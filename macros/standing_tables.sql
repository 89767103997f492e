{#- A table by name, without a dependency on it; in a model that has one, where its ref leads: with `--defer`, to another schema. -#}
{% macro standing_table(name) %}
    {% set refs = model.depends_on.nodes if model is defined and model.resource_type == 'model' else [] %}
    {% for node in refs if node.split('.')[2] == name %}
        {{ return(ref(name) | string) }}
    {% endfor %}
    {{ return(target.schema ~ '.' ~ name) }}
{% endmacro %}

{#- The names of the tables that stand in the schema. -#}
{% macro standing_tables() %}
    {% set schemas = run_query("show databases like '" ~ target.schema ~ "'") %}
    {% set found = run_query("show tables in " ~ target.schema).columns['tableName'].values() if schemas | length else [] %}
    {{ return(found | list) }}
{% endmacro %}
