{#- Every metric of `metric_results` and `metric_index`: the table it comes from; what it is measured on (entity, slice); its figures; the
    sample it rests on; and `expected`, the entities that have one in this build, as the input of the table says. -#}
{% macro metric_sources() %}
{%- set approaches = "select entity, (select count(*) > 0 from " ~ "{}" ~ ") as has_input from values ('content_first'), ('search_log') as t(entity)" -%}
{%- set everything = "select 'all' as entity, (select count(*) > 0 from " ~ "{}" ~ ") as has_input" -%}
{%- set always = "select 'all' as entity, true as has_input" -%}
{%- do return([
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type',
        'metrics': {
            'topics': 'topics', 'topics_other_lacks': 'topics_other_lacks', 'products_reached': 'products_reached',
            'product_share': 'product_share',
        },
        'input': 'products', 'expected': approaches.format(ref('products')),
    },
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type', 'metrics': {'demand_share': 'demand_share'},
        'input': 'a search log', 'expected': approaches.format(ref('search_demand') ~ ' where searches > 0'),
    },
    {
        'from': 'topic_coverage', 'entity': 'approach', 'slice': 'product_type',
        'metrics': {'satisfiable_demand_share': 'satisfiable_demand_share'},
        'input': 'a search log with demand that products fit',
        'expected': approaches.format(ref('search_demand') ~ ' where searches > 0 and is_satisfiable'),
    },
    {
        'from': 'coverage_by_log_size', 'slice': "concat('log share ', log_share)", 'metrics': {'topic_ratio': 'topic_ratio'},
        'input': 'a search log that makes topics',
        'expected': everything.format(ref('search_log_collections') ~ ' where indexable'),
    },
    {
        'from': 'collection_precision', 'entity': 'approach', 'slice': "concat('by ', judge)", 'where': 'k = 10',
        'sample': 'low, high, judged', 'metrics': {'precision_at_10': 'precision'},
        'input': 'labels, judgements of a model or of people',
        'expected': "select distinct approach as entity, true as has_input from " ~ ref('judged_products') ~ " where facet = 'all'",
    },
    {
        'from': 'collection_precision_by_facet', 'entity': 'approach', 'slice': "concat(facet, ' by ', judge)",
        'where': 'k = 10', 'sample': 'low, high, judged', 'metrics': {'precision_at_10_by_facet': 'precision'},
        'input': 'labels, judgements of a model or of people',
        'expected': "select distinct approach as entity, true as has_input from " ~ ref('judged_products') ~ " where facet != 'all'",
    },
    {
        'from': 'title_audit', 'slice': 'criterion', 'sample': 'low, high, judged', 'metrics': {'title_share': 'share'},
        'input': "people's answers about titles that stand",
        'expected': everything.format(
            ref('audit_answers') ~ " as answers inner join " ~ ref('collections') ~ " as collections on answers.item_id = "
            ~ audit_item(["'title'", 'collections.title'])
            ~ " where answers.question in ('valid', 'grammatical', 'searchable') and answers.answer in ('yes', 'no')"
        ),
    },
    {
        'from': 'attribute_recall', 'entity': 'modality', 'slice': 'split', 'where': 'k = 10',
        'sample': 'cast(null as double), null, pairs', 'metrics': {'recall_at_10': 'recall'},
        'input': 'labels', 'expected': "select distinct modality as entity, true as has_input from " ~ ref('label_ranks'),
    },
    {
        'from': 'assignment_quality', 'entity': 'source', 'slice': 'split', 'where': "dimension = 'all'",
        'sample': 'cast(null as double), null, judged_pairs', 'metrics': {'assignment_precision': 'precision'},
        'input': 'labels',
        'expected': "select distinct source as entity, true as has_input from " ~ ref('assignment_counts') ~ " where judged_pairs > 0",
    },
    {
        'from': 'assignment_quality', 'entity': 'source', 'slice': 'split', 'where': "dimension = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'assignment_recall': 'recall', 'assignment_f1': 'f1'},
        'input': 'labels',
        'expected': "select distinct source as entity, true as has_input from " ~ ref('assignment_counts') ~ " where labels > 0",
    },
    {
        'from': 'extraction_audit', 'slice': "concat('rate ', extraction_rate)", 'where': "facet = 'all'",
        'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'extraction_precision': 'precision', 'extraction_recall': 'recall'},
        'input': 'labels of what was read',
        'expected': everything.format(ref('extraction_audit') ~ " where facet = 'all' and judged_pairs > 0"),
    },
    {
        'from': 'curation_sensitivity', 'where': 'operating_point', 'sample': 'cast(null as double), null, judged_pairs',
        'metrics': {'vocabulary_precision': 'precision'},
        'input': "labels, and the build's own bounds among those tried",
        'expected': everything.format(ref('curation_sensitivity') ~ ' where operating_point and judged_pairs > 0'),
    },
    {'from': 'collections', 'metrics': {'collections': 'count(*)'}, 'input': 'none', 'expected': always},
    {
        'from': 'collections', 'metrics': {'title_quality': 'avg(quality_score)'},
        'input': 'collections', 'expected': everything.format(ref('collections')),
    },
    {'from': 'attributes', 'metrics': {'attributes': 'count(*)'}, 'input': 'none', 'expected': always},
    {
        'from': 'vocabulary_decisions', 'slice': 'state', 'group': 'state', 'metrics': {'values_by_state': 'count(*)'},
        'input': 'values', 'expected': everything.format(ref('vocabulary_decisions')),
    },
    {'from': 'products', 'metrics': {'products': 'count(*)'}, 'input': 'none', 'expected': always},
    {'from': 'demand_gaps', 'metrics': {'demand_gaps': 'count(*)'}, 'input': 'none', 'expected': always},
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'sample': 'cast(null as double), null, count(*)',
        'metrics': {'model_calls': 'count(*)'},
        'input': 'model calls', 'expected': "select distinct stage as entity, true as has_input from " ~ ref('llm_calls'),
    },
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'where': 'usd is not null',
        'sample': 'cast(null as double), null, count(*)', 'metrics': {'usd': 'sum(usd)'},
        'input': 'model calls with a price',
        'expected': "select distinct stage as entity, true as has_input from " ~ ref('llm_calls') ~ " where usd is not null",
    },
    {
        'from': 'llm_calls', 'entity': 'stage', 'group': 'stage', 'where': 'not cache_hit',
        'sample': 'cast(null as double), null, count(*)', 'metrics': {'failed_call_share': 'count(error) / count(*)'},
        'input': 'calls that were made, not answered from the cache',
        'expected': "select distinct stage as entity, true as has_input from " ~ ref('llm_calls') ~ " where not cache_hit",
    },
]) -%}
{% endmacro %}
