{#- Stops before the first model when a setting cannot work. -#}
{% macro check_settings() %}
    {% set thresholds = (var('sweep_relevance_thresholds') + [var('relevance_threshold')]) | map('float') | unique | list | length %}
    {% set sizes = (var('sweep_collection_sizes') + [var('min_collection_size')]) | unique | list | length %}
    {% if thresholds * sizes > 64 %}
        {{ exceptions.raise_compiler_error(
            "sweep_relevance_thresholds times sweep_collection_sizes, with the build's own, are " ~ thresholds * sizes ~ " settings: the sweep knows 64. Leave some out."
        ) }}
    {% endif %}
    {% set provider = env_var('PINLANDING_PROVIDER', 'heuristic') or 'heuristic' %}
    {% if provider not in ('heuristic', 'openai') %}
        {{ exceptions.raise_compiler_error("PINLANDING_PROVIDER is '" ~ provider ~ "': use heuristic or openai.") }}
    {% endif %}
    {% if provider == 'openai' %}
        {#- A Thrift server has its own key of the endpoint's. -#}
        {% set needed = ['PINLANDING_MODEL'] if target.name == 'thrift' else ['OPENAI_API_KEY', 'PINLANDING_MODEL'] %}
        {% for name in needed if not env_var(name, '') %}
            {{ exceptions.raise_compiler_error(
                "PINLANDING_PROVIDER is openai, but " ~ name ~ " is not set. Set it, or use PINLANDING_PROVIDER=heuristic."
            ) }}
        {% endfor %}
        {% if target.name in ('cluster', 'connect') %}
            {% if not env_var('PINLANDING_WORKERS', '') %}
                {{ exceptions.raise_compiler_error(
                    "PINLANDING_PROVIDER is openai on the target " ~ target.name ~ ", but PINLANDING_WORKERS is not set: the number of tasks that run at once on "
                    ~ "your Spark (executors times their cores), which share PINLANDING_CONCURRENCY."
                ) }}
            {% endif %}
            {% if '://' not in env_var('PINLANDING_CACHE', '') %}
                {{ exceptions.raise_compiler_error(
                    "PINLANDING_CACHE is " ~ env_var('PINLANDING_CACHE', '') ~ ", a folder that each machine may have for itself. Name a URL (s3://...), or "
                    ~ "file:///... for a folder that all machines share."
                ) }}
            {% endif %}
        {% endif %}
    {% endif %}
    {#- Unset, the first model that would call stops with the estimate (stop_unless_paid_for). -#}
    {% set budget = env_var('PINLANDING_BUDGET_USD', '') %}
    {% if budget and not 0 <= budget | float(-1) < 1e12 %}
        {{ exceptions.raise_compiler_error(
            "PINLANDING_BUDGET_USD is '" ~ budget ~ "': it must be a number of dollars, 0 or more."
        ) }}
    {% endif %}
    {% set bounds = {
        'min_collection_size': (1, none), 'retire_size': (1, var('min_collection_size')), 'top_k': (1, none),
        'relevance_threshold': (0, 1), 'min_quality': (1, 5), 'target_precision': (0, 1), 'extraction_rate': (0, 1),
        'max_failure_share': (0, 1), 'max_drop_share': (0, 1), 'page_items': (1, none), 'max_pages': (0, none), 'min_searches': (1, none),
        'min_attribute_products': (1, none), 'max_attribute_share': (0, 1),
        'min_combination_size': (2, 4), 'max_combination_size': (var('min_combination_size'), 4),
        'near_duplicate_overlap': (0, 1), 'scored_attributes': (1, none), 'min_facet_share': (0, 1),
        'min_calibration_positives': (1, none), 'evaluation_products': (1, none),
        'embedding_tasks': (1, none), 'matching_tasks': (1, none),
    } %}
    {% set by_workers_if_null = ('embedding_tasks', 'matching_tasks') %}
    {% for name, (low, high) in bounds.items() %}
        {% set value = var(name) %}
        {% set is_left_out = value is none and name in by_workers_if_null %}
        {% if not is_left_out and (value is not number or value < low or (high is not none and value > high)) %}
            {{ exceptions.raise_compiler_error(
                "The var " ~ name ~ " is " ~ value ~ ": it must be a number from " ~ low
                ~ (" to " ~ high if high is not none else "") ~ ". Change it in dbt_project.yml or with --vars."
            ) }}
        {% endif %}
    {% endfor %}
{% endmacro %}
