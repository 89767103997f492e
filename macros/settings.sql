{#- A setting as a SQL string literal; never for secrets. -#}
{% macro setting(name, default='') %}
    {{- return("'" ~ env_var(name, default) | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n') ~ "'") -}}
{% endmacro %}

{#- The format of this target's tables; dbt_project.yml says the same, where macros are not known yet. -#}
{% macro table_format() -%}
    {{- return(env_var('PINLANDING_TABLE_FORMAT', '') or ('parquet' if target.name == 'local' else 'delta')) -}}
{% endmacro %}
