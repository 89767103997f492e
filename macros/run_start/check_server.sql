{#- A Thrift server has its own warehouse: stop where this run means another, before its sample lands there. -#}
{% macro check_server() %}
    {% if execute and target.name == 'thrift' %}
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

{#- Runs through one server share its session, whose temporary views have the models' names: of two schemas at once, one would add the other's
    rows to its histories. Another run of the same schema, as after one that was killed, is let be. -#}
{% macro claim_server() %}
    {% if execute and target.name == 'thrift' and flags.WHICH != 'test' %}
        {% set building = schema_in_server() %}
        {% if building and building != target.schema %}
            {{ exceptions.raise_compiler_error(
                "The schema " ~ building ~ " is being built through the server at " ~ target.host ~ ":" ~ target.port
                ~ ", which serves one schema's run at a time. Wait until that run ends; if it was killed: dbt run-operation leave_server --args '{schema: "
                ~ building ~ "}'."
            ) }}
        {% endif %}
        {% do run_query("set pinlanding.building = " ~ target.schema) %}
    {% endif %}
{% endmacro %}

{#- Lets runs of other schemas in again: at the end of a run, or by hand after one that was killed. -#}
{% macro leave_server(schema=none) %}
    {% if execute and target.name == 'thrift' and flags.WHICH != 'test' and schema_in_server() == (schema or target.schema) %}
        {% do run_query("reset pinlanding.building") %}
    {% endif %}
{% endmacro %}

{#- The schema that a run builds through the server, or nothing. -#}
{% macro schema_in_server() %}
    {% set found = run_query("set pinlanding.building").columns['value'].values()[0] %}
    {{ return('' if found == '<undefined>' else found) }}
{% endmacro %}
