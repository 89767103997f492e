{%- set sources = metric_sources() -%}
with
{% for source in sources | map(attribute='from') | unique %}
    {{ source }} as (

        select * from {{ ref(source) }}

    ),
{% endfor %}
measured as (
    {% for source in sources %}
        select
            {{ source.entity | default("'all'") }} as entity,
            {{ source.slice | default("'all'") }} as slice,
            array({{ source.sample | default('cast(null as double), null, null') }}) as sample,
            array(
                {% for metric, value in source.metrics.items() %}
                    struct('{{ metric }}' as metric, cast({{ value }} as double) as value){{ ',' if not loop.last }}
                {% endfor %}
            ) as figures
        from {{ source['from'] }}
        {% if source.where %}where {{ source.where }}{% endif %}
        {% if source.group %}group by {{ source.group }}{% endif %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

figures as (

    select
        entity,
        slice,
        sample,
        inline(figures) as (metric, value)
    from measured

),

final as (

    select
        metric,
        entity,
        slice,
        cast(sample[0] as double) as low,
        cast(sample[1] as double) as high,
        cast(sample[2] as bigint) as judged,
        round(value, 9) as value
    from figures
    where value is not null

)

select * from final
