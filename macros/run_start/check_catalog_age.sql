{#- Stops where nothing was loaded into the catalogue for longer than catalog_max_age: the build would publish what the shop had. A catalogue that
    is a model has the freshness of its sources instead. -#}
{% macro check_catalog_age(location, relation) %}
    {% set column = var('catalog_loaded_at') %}
    {% set most_hours = var('catalog_max_age') %}
    {% if (column or most_hours is not none) and not (column and most_hours is number) %}
        {{ exceptions.raise_compiler_error(
            "The vars catalog_loaded_at (a column of the catalogue) and catalog_max_age (a number of hours) need each other: they are '"
            ~ (column or '') ~ "' and " ~ most_hours ~ "."
        ) }}
    {% endif %}
    {% if column and location %}
        {% set present = run_query('describe query select * from ' ~ relation).columns['col_name'].values() | map('lower') | list %}
        {% if column | lower not in present %}
            {{ exceptions.raise_compiler_error(
                "The catalogue " ~ location ~ " has no column '" ~ column ~ "', which the var catalog_loaded_at names. It has: " ~ present | join(', ') ~ "."
            ) }}
        {% endif %}
        {% set loaded = run_query(
            "select cast(loaded_at as string) as loaded_at, (unix_seconds(current_timestamp()) - unix_seconds(loaded_at)) / 3600 as hours "
            ~ "from (select max(try_cast(`" ~ column ~ "` as timestamp)) as loaded_at from " ~ relation ~ ")"
        ).rows[0] %}
        {% if loaded['loaded_at'] is none or loaded['hours'] > most_hours %}
            {{ exceptions.raise_compiler_error(
                "The catalogue " ~ location ~ " is stale: "
                ~ (column ~ " has no time" if loaded['loaded_at'] is none else "its latest " ~ column ~ " is " ~ loaded['loaded_at']
                ~ ", {:,.1f} hours ago".format(loaded['hours'] | float))
                ~ ", and catalog_max_age allows " ~ most_hours ~ ". Nothing was built. Load it and run again, or raise catalog_max_age."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}
