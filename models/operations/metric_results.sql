{#- Every metric once: its table, what it is measured on (entity, slice), its value. One that counts has groups. -#}
{%- set metrics = {
    'topics': {'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type'},
    'products_reached': {'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type'},
    'product_share': {'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type'},
    'demand_share': {'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type'},
    'topic_ratio': {'from': 'coverage_by_log_size', 'slice': "concat('log share ', log_share)"},
    'precision_at_10': {
        'from': 'collection_precision', 'value': 'precision', 'entity': 'approach', 'slice': "concat('by ', judge)",
        'sample': 'low, high, judged', 'where': 'k = 10',
    },
    'precision_at_10_by_facet': {
        'from': 'collection_precision_by_facet', 'value': 'precision', 'entity': 'approach',
        'slice': "concat(facet, ' by ', judge)", 'sample': 'low, high, judged', 'where': 'k = 10',
    },
    'title_share': {
        'from': 'title_audit', 'value': 'share', 'entity': "'titles'", 'slice': 'criterion', 'sample': 'low, high, judged',
    },
    'recall_at_10': {
        'from': 'attribute_recall', 'value': 'recall', 'entity': 'modality', 'slice': 'split', 'where': 'k = 10',
        'sample': 'cast(null as double), null, pairs',
    },
    'assignment_precision': {
        'from': 'assignment_quality', 'value': 'precision', 'entity': 'source', 'slice': 'split',
        'where': "dimension = 'all'", 'sample': 'cast(null as double), null, judged_pairs',
    },
    'assignment_recall': {
        'from': 'assignment_quality', 'value': 'recall', 'entity': 'source', 'slice': 'split',
        'where': "dimension = 'all'", 'sample': 'cast(null as double), null, labels',
    },
    'extraction_precision': {
        'from': 'extraction_audit', 'value': 'precision', 'slice': "concat('rate ', extraction_rate)",
        'where': "facet = 'all'", 'sample': 'cast(null as double), null, judged_pairs',
    },
    'extraction_recall': {
        'from': 'extraction_audit', 'value': 'recall', 'slice': "concat('rate ', extraction_rate)", 'where': "facet = 'all'",
    },
    'vocabulary_precision': {
        'from': 'curation_sensitivity', 'value': 'precision', 'where': 'operating_point', 'sample': 'cast(null as double), null, judged_pairs',
    },
    'attributes': {'from': 'attributes', 'value': 'count(*)'},
    'attributes_by_facet': {'from': 'attributes', 'value': 'count(*)', 'slice': 'facet', 'group': 'facet'},
    'values_by_state': {'from': 'vocabulary_decisions', 'value': 'count(*)', 'slice': 'state', 'group': 'state'},
    'products': {'from': 'products', 'value': 'count(*)'},
    'rejected_products': {'from': 'stg_products_rejected', 'value': 'count(*)'},
    'collections': {'from': 'collections', 'value': 'count(*)'},
    'title_quality': {'from': 'collections', 'value': 'avg(quality_score)'},
    'demand_gaps': {'from': 'demand_gaps', 'value': 'count(*)'},
    'model_calls': {'from': 'llm_calls', 'value': 'count(*)', 'entity': 'stage', 'group': 'stage'},
    'failed_call_share': {
        'from': 'llm_calls', 'value': 'count(error) / count(*)', 'entity': 'stage', 'group': 'stage',
        'sample': 'cast(null as double), null, count(*)',
    },
    'usd': {'from': 'llm_calls', 'value': 'sum(usd)', 'entity': 'stage', 'group': 'stage'},
} -%}
with
{% for table in metrics.values() | map(attribute='from') | unique %}
    {{ table }} as (

        select * from {{ ref(table) }}

    ),
{% endfor %}
measured as (
    {% for name, metric in metrics.items() %}
        select
            '{{ name }}' as metric,
            {{ metric.entity | default("'all'") }} as entity,
            {{ metric.slice | default("'all'") }} as slice,
            {{ metric.value | default(name) }} as value,
            array({{ metric.sample | default('cast(null as double), null, null') }}) as sample
        from {{ metric['from'] }}
        {% if metric.where %}where {{ metric.where }}{% endif %}
        {% if metric.group %}group by {{ metric.group }}{% endif %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        metric,
        entity,
        slice,
        cast(sample[0] as double) as low,
        cast(sample[1] as double) as high,
        cast(sample[2] as bigint) as judged,
        round(cast(value as double), 9) as value
    from measured
    where value is not null

)

select * from final
