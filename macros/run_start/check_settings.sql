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
    {% endif %}
    {% if var('retire_size') > var('min_collection_size') %}
        {{ exceptions.raise_compiler_error("retire_size must not be above min_collection_size.") }}
    {% endif %}
{% endmacro %}
