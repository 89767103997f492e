{#- Rows that break the grain: a key that occurs twice or has a null in it, or a null in a column of `never_null`; one
    pass for all of it. -#}
{% test one_row_per(model, columns, never_null=[]) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns %}or {{ column }} is null{{ '\n' }}{% endfor %}
        {% for column in never_null %}or count({{ column }}) < count(*){{ '\n' }}{% endfor %}
{% endtest %}
