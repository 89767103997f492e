{#- What moves figures, as the arguments of named_struct: provider, model, and dbt vars. The alarms' vars too, so that a build
    under a raised one is the new level to compare with. -#}
{% macro run_settings() -%}
'provider', {{ setting('PINLANDING_PROVIDER', 'heuristic') }}, 'model', {{ setting('PINLANDING_MODEL') }}
{%- for name in [
    'min_collection_size', 'relevance_threshold', 'min_quality', 'top_k', 'target_precision', 'extraction_rate',
    'min_attribute_products', 'max_attribute_share', 'require_review', 'publish_brands', 'min_combination_size',
    'max_combination_size', 'min_searches', 'near_duplicate_overlap', 'scored_attributes', 'frequency_weight',
    'min_facet_share', 'retire_size', 'max_pages', 'require_approval', 'min_calibration_positives', 'synonym_similarity',
    'judged_collections', 'evaluation_products', 'alarm_recall', 'alarm_precision_drop', 'alarm_failed_calls', 'alarm_vocabulary_loss',
    'alarm_unreadable_images',
] -%}
, '{{ name }}', '{{ var(name) }}'
{%- endfor -%}
{%- endmacro %}
