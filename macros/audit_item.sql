{#- The id under which people judge something: it says nothing of the system that made it. dashboards/audit.py makes the same. -#}
{% macro audit_item(parts) -%}
    left(md5(concat_ws('|', {{ parts | join(', ') }})), 16)
{%- endmacro %}

{#- The select of each item's answers to these questions, by the majority of those who judged it; a tie is no. -#}
{% macro audit_verdicts(questions) %}
select
    item_id,
    question,
    count_if(answer = 'yes') > count_if(answer = 'no') as is_yes
from {{ ref('audit_answers') }}
where answer in ('yes', 'no') and question in ('{{ questions | join("', '") }}')
group by item_id, question
{% endmacro %}
