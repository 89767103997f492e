{#- Rows that break the grain: a key that occurs twice or has a null in it, or a null in a column of `never_null`; one
    pass for all of it. -#}
{% test one_row_per(model, columns, never_null=[]) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        or {{ columns | join(' is null or ') }} is null
        {{ 'or' if never_null }} {% for column in never_null %}count({{ column }}) < count(*){{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
