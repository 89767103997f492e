{#- The columns of each input: name → required. Columns that an input lacks are null in its view. -#}
{% macro input_columns() %}
    {{ return({
        'catalog': {
            'product_id': true, 'title': true, 'image_uri': false, 'description': false, 'brand': false, 'price': false,
            'currency': false, 'url': false, 'availability': false, 'group_id': false, 'tags': false, 'split': false,
        },
        'search_log': {'query': true, 'searches': true},
        'labels': {'product_id': true, 'facet': true, 'value': true},
    }) }}
{% endmacro %}

{#- Makes `raw_catalog`, `raw_search_log` and `raw_labels`: views over the files the variables name, with the
    contract's columns as strings. A missing required column stops the run here, by name. -#}
{% macro open_inputs() %}
    {% for input, columns in input_columns().items() %}
        {% set location = env_var('PINLANDING_' ~ input | upper, '') %}
        {% set view = target.schema ~ '.raw_' ~ input %}
        {% set file = target.schema ~ '.raw_' ~ input ~ '_file' %}
        {% if location.lower().endswith('.csv') %}
            {% do run_query('drop table if exists ' ~ file) %}
            {% do run_query(
                "create table " ~ file ~ " using csv options (header 'true', multiLine 'true', escape '\"', path '"
                ~ location | replace("'", "\\'") ~ "')"
            ) %}
        {% elif location %}
            {% set file = 'parquet.`' ~ location | replace('`', '``') ~ '`' %}
        {% endif %}
        {% set file_columns = run_query('describe query select * from ' ~ file).rows if location else [] %}
        {% set present = file_columns | map(attribute='col_name') | map('lower') | list %}
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
            {% do selected.append(other_columns(file_columns) ~ " as facet_columns") %}
        {% endif %}
        {% do run_query(
            "create or replace view " ~ view ~ " as select " ~ selected | join(', ') ~ (" from " ~ file if location else " limit 0")
        ) %}
        {% if location and run_query("select 1 as row from " ~ view ~ " limit 1") | length == 0 %}
            {{ exceptions.raise_compiler_error("The " ~ input | replace('_', ' ') ~ " " ~ location ~ " has no rows.") }}
        {% endif %}
    {% endfor %}
{% endmacro %}

{#- Every plain column beside the contract's, as a map of name to text: `facet_columns` says which are facets. -#}
{% macro other_columns(columns) %}
    {% set entries = [] %}
    {% for column in columns %}
        {% set name = column.col_name | lower %}
        {% set plain = column.data_type.split('(')[0] in ('string', 'boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal') %}
        {% if plain and name not in input_columns()['catalog'] %}
            {% do entries.append("'" ~ name ~ "', cast(`" ~ column.col_name ~ "` as string)") %}
        {% endif %}
    {% endfor %}
    {{ return("map(" ~ entries | join(', ') ~ ")" if entries else "cast(map() as map<string, string>)") }}
{% endmacro %}
