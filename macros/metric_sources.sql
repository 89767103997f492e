{#- Every metric of `metric_results` and `metric_index`: the table it comes from; what it is measured on (entity, slice); its figures; the
    sample it rests on; in words what it needs. `asks`, a table, and `having`, a condition on it, say whether this build has that;
    `entities` are then the values of a column of that table, or all that are listed. Names only: who reads this refers to them. -#}
{% macro metric_sources() %}
{%- set approaches = ['content_first', 'search_log'] -%}
{%- set all = ['all'] -%}
{#- A question is one key; `-repair` and `-failed-1`, … end those of its other calls (llm_calls). It failed where this build sent it in vain. -#}
{%- set question = "substring_index(key, '-', 1)" -%}
{%- set answered = "count(distinct if(error is null, " ~ question ~ ", null))" -%}
{%- set answered_or_failed = "count(distinct if(error is null or (not cache_hit and attempts > 0), " ~ question ~ ", null))" -%}
{%- do return([
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type',
        'metrics': {
            'topics': 'topics', 'topics_other_lacks': 'topics_other_lacks', 'products_reached': 'products_reached',
            'product_share': 'product_share',
        },
        'needs': 'products', 'asks': 'products', 'entities': approaches,
    },
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type', 'metrics': {'demand_share': 'demand_share'},
        'needs': 'a search log', 'asks': 'search_demand', 'having': 'searches > 0', 'entities': approaches,
    },
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type',
        'metrics': {'satisfiable_demand_share': 'satisfiable_demand_share'},
        'needs': 'searches that products fit', 'asks': 'search_demand', 'having': 'searches > 0 and is_satisfiable',
        'entities': approaches,
    },
    {
        'from': 'coverage_by_log_size', 'slice': "concat('log share ', log_share)", 'metrics': {'topic_ratio': 'topic_ratio'},
        'needs': 'a search log that makes topics', 'asks': 'search_log_collections', 'having': 'indexable', 'entities': all,
    },
    {
        'from': 'collection_precision', 'entity': 'approach', 'slice': "concat('by ', judge)", 'where': 'k = 10',
        'sample': 'low, high, judged', 'metrics': {'precision_at_10': 'precision'},
        'needs': 'a judge: labels, a model or people', 'asks': 'judged_products', 'having': "facet = 'all'", 'entities': 'approach',
    },
    {
        'from': 'collection_precision_by_facet', 'entity': 'approach', 'slice': "concat(facet, ' by ', judge)",
        'where': 'k = 10', 'sample': 'low, high, judged', 'metrics': {'precision_at_10_by_facet': 'precision'},
        'needs': 'a judge: labels, a model or people', 'asks': 'judged_products', 'having': "facet != 'all'", 'entities': 'approach',
    },
    {
        'from': 'title_audit', 'slice': 'criterion', 'sample': 'low, high, judged', 'metrics': {'title_share': 'share'},
        'needs': 'people who judge titles', 'asks': 'title_audit', 'entities': all,
    },
    {
        'from': 'attribute_recall', 'entity': 'modality', 'slice': 'split', 'where': 'k = 10',
        'sample': 'cast(null as double), null, pairs', 'metrics': {'recall_at_10': 'recall'},
        'needs': 'labels', 'asks': 'label_ranks', 'entities': 'modality',
    },
    {
        'from': 'assignment_quality', 'entity': 'source', 'slice': 'split', 'where': "dimension = 'all'",
        'sample': 'cast(null as double), null, judged_pairs', 'metrics': {'assignment_precision': 'precision'},
        'needs': 'labels', 'asks': 'assignment_counts', 'having': 'judged_pairs > 0', 'entities': 'source',
    },
    {
        'from': 'assignment_quality', 'entity': 'source', 'slice': 'split', 'where': "dimension = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'assignment_recall': 'recall', 'assignment_f1': 'f1'},
        'needs': 'labels', 'asks': 'assignment_counts', 'having': 'labels > 0', 'entities': 'source',
    },
    {
        'from': 'extraction_audit', 'slice': "concat('rate ', extraction_rate)", 'where': "facet = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'extraction_precision': 'precision', 'extraction_recall': 'recall'},
        'needs': 'labels of what was read', 'asks': 'extraction_audit', 'having': "facet = 'all' and judged_pairs > 0",
        'entities': all,
    },
    {
        'from': 'curation_sensitivity', 'where': 'operating_point', 'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'vocabulary_precision': 'precision'},
        'needs': 'labels, and the bounds of this build among those tried', 'asks': 'curation_sensitivity',
        'having': 'operating_point and judged_pairs > 0', 'entities': all,
    },
    {'from': 'collections', 'metrics': {'collections': 'count(*)'}, 'needs': 'products', 'asks': 'products', 'entities': all},
    {
        'from': 'collections', 'metrics': {'title_quality': 'avg(quality_score)'},
        'needs': 'collections', 'asks': 'collections', 'entities': all,
    },
    {'from': 'attributes', 'metrics': {'attributes': 'count(*)'}, 'needs': 'products', 'asks': 'products', 'entities': all},
    {
        'from': 'vocabulary_decisions', 'slice': 'state', 'group': 'state', 'metrics': {'values_by_state': 'count(*)'},
        'needs': 'values', 'asks': 'vocabulary_decisions', 'entities': all,
    },
    {'from': 'products', 'metrics': {'products': 'count(*)'}, 'needs': 'products', 'asks': 'products', 'entities': all},
    {'from': 'demand_gaps', 'metrics': {'demand_gaps': 'count(*)'}, 'needs': 'products', 'asks': 'products', 'entities': all},
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'sample': 'cast(null as double), null, count(*)',
        'metrics': {'model_calls': 'count(*)'}, 'needs': 'model calls', 'asks': 'llm_calls', 'entities': 'stage',
    },
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'where': 'usd is not null',
        'sample': 'cast(null as double), null, count(*)', 'metrics': {'usd': 'sum(usd)'},
        'needs': 'model calls with a price', 'asks': 'llm_calls', 'having': 'usd is not null', 'entities': 'stage',
    },
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage',
        'sample': "cast(null as double), null, count(distinct " ~ question ~ ")",
        'metrics': {
            'failed_question_share': "(" ~ answered_or_failed ~ " - " ~ answered ~ ") / count(distinct " ~ question ~ ")",
        },
        'needs': 'model calls', 'asks': 'llm_calls', 'entities': 'stage',
    },
]) -%}
{% endmacro %}
