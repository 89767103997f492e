{#- Stops where a catalogue of one's own would be built over the sample's tables, as the sample's pages would live on among the shop's and their
    addresses stay taken; and where the sample would be built over a shop's, because somebody forgot to name the catalogue. -#}
{% macro check_warehouse(tables) %}
    {% if 'products' in tables %}
        {% set properties = run_query("show tblproperties " ~ target.schema ~ ".products").rows %}
        {#- A table of before this was recorded says nothing, and is let be. -#}
        {% set found = properties | selectattr('key', 'equalto', 'pinlanding.catalog') | map(attribute='value') | first %}
        {% set folder = env_var('PINLANDING_WAREHOUSE') %}
        {% if found == 'sample' and not catalog_is_sample() %}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ folder ~ " holds the tables of the sample catalogue (schema " ~ target.schema ~ "), and this run would build "
                ~ (var('catalog_model') or env_var('PINLANDING_CATALOG')) ~ " over them: pages of the sample would stay among its own. Nothing was "
                ~ "written. Name a warehouse of its own (make build WAREHOUSE=..., PINLANDING_WAREHOUSE for dbt)"
                ~ ("." if '://' in folder else ", or remove the folder, with the encoders and answers in it, and run again.")
            ) }}
        {% elif found == 'own' and catalog_is_sample() %}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ folder ~ " holds the tables of a catalogue of its own (schema " ~ target.schema ~ "), and this run names no "
                ~ "catalogue: the sample would be built over them, and their pages would be retired. Nothing was written. Name the catalogue (make "
                ~ "build CATALOG=..., PINLANDING_CATALOG for dbt), or another warehouse for the sample."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}

{#- Writes on the table which catalogue its rows are of, for check_warehouse. -#}
{% macro record_catalog(relation) %}
    alter table {{ relation }} set tblproperties ('pinlanding.catalog' = '{{ "sample" if catalog_is_sample() else "own" }}')
{% endmacro %}

{% macro catalog_is_sample() %}
    {% set drawn = env_var('PINLANDING_CATALOG', '').startswith(env_var('PINLANDING_WAREHOUSE', '') ~ '/sample/') %}
    {{ return(drawn and not var('catalog_model')) }}
{% endmacro %}
