{#- A run that was killed while it wrote a table leaves a folder that the catalogue does not know, and Spark refuses
    to write a table over it. -#}
{% macro clear_orphan_folders(tables) %}
    {% if target.name == 'local' %}
        {% set call %}
            select inline(array(clear_orphan_folders(
                {{ setting('PINLANDING_WAREHOUSE') }}, '{{ target.schema }}', '{{ tables | join(',') }}'
            )))
        {% endset %}
        {% set result = run_query(call) %}
        {% if result.columns['error'].values()[0] %}
            {{ exceptions.raise_compiler_error(result.columns['error'].values()[0]) }}
        {% endif %}
        {% if result.columns['removed'].values()[0] %}
            {{ log("Removed what a killed run left behind: " ~ result.columns['removed'].values()[0], info=true) }}
        {% endif %}
    {% endif %}
{% endmacro %}
