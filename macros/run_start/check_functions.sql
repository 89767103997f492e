{#- Stops with instructions when the Python functions are not on the session: without this the first model that calls
    one fails with UNRESOLVED_ROUTINE. -#}
{% macro check_functions() %}
    {% set found = run_query("show functions like 'draw_sample'") %}
    {% if found | length == 0 %}
        {{ exceptions.raise_compiler_error(
            "The Python functions are not on this Spark session: dbt did not find the plugin dbt_pinlanding. "
            ~ "Install the project into the environment that runs dbt (pip install -e . in the project's folder), "
            ~ "or run `make build` once. With the target thrift, start the server with `make serve`."
        ) }}
    {% endif %}
{% endmacro %}
