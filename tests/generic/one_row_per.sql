{#- Rows that break what a table promises: a key that occurs twice or has a null in it (`nullable` columns may), a null
    in a column of `never_null`, a value that is not among its column's `accepted_values`, a number outside its
    column's [low, high] in `between` (null: no bound). One pass for all of it. -#}
{% test one_row_per(model, columns, nullable=[], never_null=[], accepted_values={}, between={}) %}
    {%- set broken = [] -%}
    {%- for column in columns if column not in nullable -%}
        {%- do broken.append(column ~ ' is null') -%}
    {%- endfor -%}
    {%- for column in never_null -%}
        {%- do broken.append('count(' ~ column ~ ') < count(*)') -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- do broken.append("count_if(" ~ column ~ " not in ('" ~ values | join("', '") ~ "')) > 0") -%}
    {%- endfor -%}
    {%- for column, (low, high) in between.items() -%}
        {%- if low is not none -%} {%- do broken.append('min(' ~ column ~ ') < ' ~ low) -%} {%- endif -%}
        {%- if high is not none -%} {%- do broken.append('max(' ~ column ~ ') > ' ~ high) -%} {%- endif -%}
    {%- endfor %}
    select
        {{ columns | join(', ') }},
        count(*) as rows
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for condition in broken %}
            or {{ condition }}
        {% endfor %}
{% endtest %}
