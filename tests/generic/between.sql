{#- Rows whose number lies outside the bounds; null passes. -#}
{% test between(model, column_name, low, high) %}
    select * from {{ model }} where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}
{% endtest %}
