{#- Rows whose text is not as the pattern says. -#}
{% test matches(model, column_name, pattern) %}
    select * from {{ model }} where {{ column_name }} is null or not {{ column_name }} rlike '^({{ pattern }})$'
{% endtest %}
