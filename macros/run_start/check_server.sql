{#- A Thrift server has its own warehouse: stop where this run means another, before its sample lands there. -#}
{% macro check_server() %}
    {% if target.method == 'thrift' %}
        {% set served = run_query("set spark.sql.warehouse.dir").columns['value'].values()[0] | replace('file:', '') %}
        {% set meant = env_var('PINLANDING_WAREHOUSE') %}
        {% if served.rstrip('/').lstrip('/') != meant.rstrip('/').lstrip('/') %}
            {{ exceptions.raise_compiler_error(
                "The server at " ~ target.host ~ ":" ~ target.port ~ " serves " ~ served ~ ", and PINLANDING_WAREHOUSE is " ~ meant
                ~ ". Set it to the server's, or start a server for this one."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}
