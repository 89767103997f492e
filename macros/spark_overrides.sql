{#- dbt-spark binds seed values without escaping and writes an empty cell as the text 'None': "women's" does not parse
    and a missing parent becomes a value. Literals are written here instead. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set columns = agate_table.column_names %}
    {% for chunk in agate_table.rows | batch(1000) %}
        {% set sql %}
            insert into {{ this.render() }} values
            {% for row in chunk -%}
                (
                {%- for column in columns -%}
                    {%- set type = types.get(column, adapter.convert_type(agate_table, loop.index0)) -%}
                    {%- if row[loop.index0] is none -%}
                        cast(null as {{ type }})
                    {%- else -%}
                        cast('{{ row[loop.index0] | string | replace("\\", "\\\\") | replace("'", "\\'") }}' as {{ type }})
                    {%- endif -%}
                    {{ ", " if not loop.last }}
                {%- endfor -%}
                ){{ ", " if not loop.last }}
            {%- endfor %}
        {% endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {% endfor %}
    {{ return("") }}
{% endmacro %}
