{#- The columns of each input: name → required. Columns that an input lacks are null in its view. -#}
{% macro input_columns() %}
    {{ return({
        'catalog': {
            'product_id': true, 'title': true, 'image_uri': false, 'description': false, 'brand': false, 'price': false,
            'currency': false, 'url': false, 'availability': false, 'group_id': false, 'tags': false, 'split': false,
        },
        'search_log': {'query': true, 'searches': true},
        'labels': {'product_id': true, 'facet': true, 'value': true},
        'existing_pages': {'slug': true, 'title': true},
    }) }}
{% endmacro %}

{#- Makes `raw_catalog`, `raw_search_log`, …: views over the files or tables the variables name, with the contract's columns as strings. A
    missing required column stops the run here, by name. -#}
{% macro open_inputs() %}
    {% for input in input_columns() %}
        {% set location = input_location(input) %}
        {% set view = target.schema ~ '.raw_' ~ input %}
        {% set file = target.schema ~ '.raw_' ~ input ~ '_file' %}
        {% if location.lower().endswith('.csv') %}
            {% do run_query('drop table if exists ' ~ file) %}
            {% do run_query(
                "create table " ~ file ~ " using csv options (header 'true', multiLine 'true', escape '\"', path '"
                ~ location | replace("'", "\\'") ~ "')"
            ) %}
        {% elif '/' in location %}
            {% set file = 'parquet.`' ~ location | replace('`', '``') ~ '`' %}
        {% else %}
            {% set file = location %}
        {% endif %}
        {% do run_query("create or replace view " ~ view ~ " as " ~ input_rows(input, location, file)) %}
        {% if location and run_query("select 1 as row from " ~ view ~ " limit 1") | length == 0 %}
            {{ exceptions.raise_compiler_error("The " ~ input | replace('_', ' ') ~ " " ~ location ~ " has no rows.") }}
        {% endif %}
        {{ check_catalog_age(location, file) if input == 'catalog' }}
    {% endfor %}
{% endmacro %}

{#- Where an input lies; nothing when there is none. The sample stands aside for a catalogue that is a model. -#}
{% macro input_location(input) %}
    {% set location = env_var('PINLANDING_' ~ input | upper, '') %}
    {% set sample = env_var('PINLANDING_SAMPLE', '') %}
    {% set from_sample = sample and location.startswith(sample ~ '/') %}
    {{ return('' if var(input ~ '_model', none) or (var('catalog_model', none) and from_sample) else location) }}
{% endmacro %}

{#- The select that gives rows the columns of an input, as strings; no rows without a location. -#}
{% macro input_rows(input, location, relation) %}
    {% set columns = input_columns()[input] %}
    {% set found = run_query('describe query select * from ' ~ relation).rows if location else [] %}
    {% set present = found | map(attribute='col_name') | map('lower') | list %}
    {% for column, required in columns.items() if required and location and column not in present %}
        {{ exceptions.raise_compiler_error(
            "The " ~ input | replace('_', ' ') ~ " " ~ location ~ " has no column '" ~ column ~ "'. It has: "
            ~ present | join(', ') ~ ". Rename or add the column and run again."
        ) }}
    {% endfor %}
    {% set selected = [] %}
    {% for column in columns %}
        {% do selected.append("cast(" ~ (column if column in present else 'null') ~ " as string) as " ~ column) %}
    {% endfor %}
    {% if input == 'catalog' %}
        {% do selected.append(other_columns(found) ~ " as facet_columns") %}
    {% endif %}
    {{ return("select " ~ selected | join(', ') ~ (" from " ~ relation if location else " limit 0")) }}
{% endmacro %}

{#- Every column of plain values, or of lists of texts, beside the contract's, as a map of name to text: `facet_columns` says which are facets. -#}
{% macro other_columns(columns) %}
    {% set entries = [] %}
    {% for column in columns %}
        {% set name = column.col_name | lower %}
        {% set key = "'" ~ name | replace("\\", "\\\\") | replace("'", "\\'") ~ "'" %}
        {% set quoted = "`" ~ column.col_name | replace("`", "``") ~ "`" %}
        {% set plain = column.data_type.split('(')[0] in ('string', 'boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal') %}
        {% if plain and name not in input_columns()['catalog'] %}
            {% do entries.append(key ~ ", cast(" ~ quoted ~ " as string)") %}
        {% elif column.data_type == 'array<string>' and name not in input_columns()['catalog'] %}
            {% do entries.append(key ~ ", array_join(" ~ quoted ~ ", '|')") %}
        {% endif %}
    {% endfor %}
    {{ return("map(" ~ entries | join(', ') ~ ")" if entries else "cast(map() as map<string, string>)") }}
{% endmacro %}

{#- The rows of an input: those that its variable names (PINLANDING_CATALOG, …), or those of the model that its var names (catalog_model, …), of
    this project or of the one that installed it. -#}
{% macro rows_of_input(input) %}
    {%- set model = var(input ~ '_model', none) -%}
    {%- if not model -%}
        select * from {{ source('raw', input) }}
    {%- else -%}
        {%- set relation = ref(model) -%}
        {{ input_rows(input, model, relation) if execute }}
    {%- endif -%}
{% endmacro %}
