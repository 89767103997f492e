{#- Each table that has figures: what they are measured on (entity, slice), what they rest on, the figures. -#}
{%- set sources = [
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type',
        'metrics': {
            'topics': 'topics', 'products_reached': 'products_reached', 'product_share': 'product_share',
            'demand_share': 'demand_share',
        },
    },
    {
        'from': 'coverage_by_log_size', 'slice': "concat('log share ', log_share)", 'metrics': {'topic_ratio': 'topic_ratio'},
    },
    {
        'from': 'collection_precision', 'entity': 'approach', 'slice': "concat('by ', judge)", 'where': 'k = 10',
        'sample': 'low, high, judged', 'metrics': {'precision_at_10': 'precision'},
    },
    {
        'from': 'collection_precision_by_facet', 'entity': 'approach', 'slice': "concat(facet, ' by ', judge)",
        'where': 'k = 10', 'sample': 'low, high, judged', 'metrics': {'precision_at_10_by_facet': 'precision'},
    },
    {
        'from': 'title_audit', 'slice': 'criterion', 'sample': 'low, high, judged', 'metrics': {'title_share': 'share'},
    },
    {
        'from': 'attribute_recall', 'entity': 'modality', 'slice': 'split', 'where': 'k = 10',
        'sample': 'cast(null as double), null, pairs', 'metrics': {'recall_at_10': 'recall'},
    },
    {
        'from': 'assignment_quality', 'entity': 'source', 'slice': 'split', 'where': "dimension = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'assignment_precision': 'precision', 'assignment_recall': 'recall', 'assignment_f1': 'f1'},
    },
    {
        'from': 'extraction_audit', 'slice': "concat('rate ', extraction_rate)", 'where': "facet = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'extraction_precision': 'precision', 'extraction_recall': 'recall'},
    },
    {
        'from': 'curation_sensitivity', 'where': 'operating_point', 'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'vocabulary_precision': 'precision'},
    },
    {
        'from': 'collections',
        'metrics': {'collections': 'count(*)', 'title_quality': 'avg(quality_score)'},
    },
    {'from': 'attributes', 'metrics': {'attributes': 'count(*)'}},
    {'from': 'vocabulary_decisions', 'slice': 'state', 'group': 'state', 'metrics': {'values_by_state': 'count(*)'}},
    {'from': 'products', 'metrics': {'products': 'count(*)'}},
    {'from': 'demand_gaps', 'metrics': {'demand_gaps': 'count(*)'}},
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'sample': 'cast(null as double), null, count(*)',
        'metrics': {'model_calls': 'count(*)', 'failed_call_share': 'count_if(error is not null and not cache_hit) / count(*)', 'usd': 'sum(usd)'},
    },
] -%}
with
{% for source in sources %}
    {{ source['from'] }} as (

        select * from {{ ref(source['from']) }}

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
