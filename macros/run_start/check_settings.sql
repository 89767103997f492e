{#- Stops before the first model when a setting cannot work. -#}
{% macro check_settings() %}
    {% set provider = env_var('PINLANDING_PROVIDER', 'heuristic') or 'heuristic' %}
    {% if provider not in ('heuristic', 'openai') %}
        {{ exceptions.raise_compiler_error("PINLANDING_PROVIDER is '" ~ provider ~ "': use heuristic or openai.") }}
    {% endif %}
    {% if provider == 'openai' %}
        {% for name in ('OPENAI_API_KEY', 'PINLANDING_MODEL') if not env_var(name, '') %}
            {{ exceptions.raise_compiler_error(
                "PINLANDING_PROVIDER is openai, but " ~ name ~ " is not set. Set it, or use PINLANDING_PROVIDER=heuristic."
            ) }}
        {% endfor %}
        {% if not env_var('PINLANDING_BUDGET_USD', '') %}
            {{ exceptions.raise_compiler_error(
                "PINLANDING_BUDGET_USD is not set, so no call may be made. Set it to the most that this run may cost in dollars."
            ) }}
        {% endif %}
    {% endif %}
    {% if var('retire_size') > var('min_collection_size') %}
        {{ exceptions.raise_compiler_error("retire_size must not be above min_collection_size.") }}
    {% endif %}
{% endmacro %}
