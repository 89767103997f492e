{#- A setting as a SQL string literal; never for secrets. -#}
{% macro setting(name, default='') %}
    {{- return("'" ~ env_var(name, default) | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n') ~ "'") -}}
{% endmacro %}
