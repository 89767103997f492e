{#- What the standing statistics of an attribute depend on beside the catalogue: another encoder or setting has statistics of its own. -#}
{% macro statistics_key(encoder_key) -%}
    concat_ws(
        ' ',
        {{ encoder_key }},
        'target_precision={{ var("target_precision") }}',
        'min_calibration_positives={{ var("min_calibration_positives") }}',
        'frequency_weight={{ var("frequency_weight") if var("frequency_weight") is not none else "fitted" }}'
    )
{%- endmacro %}
