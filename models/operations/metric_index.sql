with

{% for source in metric_sources() %}
    expected_{{ loop.index }} as (

        {{ source.expected }}

    ),
{% endfor %}
final as (
    {% for source in metric_sources() %}
        {%- set number = loop.index %}
        {%- for metric in source.metrics %}
            select
                '{{ metric }}' as metric,
                entity,
                '{{ source['from'] }}' as source,
                {{ dbt.string_literal(source.input | replace("'", "''")) }} as needs,
                has_input
            from expected_{{ number }}
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
