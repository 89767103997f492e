{%- set sources = metric_sources() -%}
with
{% for source in sources | map(attribute='asks') | unique %}
    {{ source }} as (

        select * from {{ ref(source) }}

    ),
{% endfor %}
expected as (
    {% for source in sources %}
        {% for metric in source.metrics %}
            {% if source.entities is string %}
                select distinct
                    '{{ metric }}' as metric,
                    {{ source.entities }} as entity,
                    '{{ source['from'] }}' as source,
                    '{{ source.needs }}' as needs,
                    true as has_input
                from {{ source.asks }}
                where {{ source.having | default('true') }}
            {% else %}
                select
                    '{{ metric }}' as metric,
                    explode(array(
                        {% for entity in source.entities %}
                            '{{ entity }}'{{ ',' if not loop.last }}
                        {% endfor %}
                    )) as entity,
                    '{{ source['from'] }}' as source,
                    '{{ source.needs }}' as needs,
                    count(*) > 0 as has_input
                from {{ source.asks }}
                where {{ source.having | default('true') }}
            {% endif %}
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select * from expected

)

select * from final
