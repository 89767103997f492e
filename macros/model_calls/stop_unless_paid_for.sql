{#- Stops a model that would ask, before its first call, when nobody said what that may cost, or what the model costs.
    Stored answers need neither. -#}
{% macro stop_unless_paid_for(stage) %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') and env_var('PINLANDING_PROVIDER', '') == 'openai' %}
        {% set price = model_price(['model_prices']) %}
        {% if price is none or not env_var('PINLANDING_BUDGET_USD', '') %}
            {% set one = model_stages()[stage] %}
            {% set calls = figures_of(one.questions, one.price).calls %}
            {% if calls and price is none %}
                {{ exceptions.raise_compiler_error(
                    "seeds/model_prices.csv has no row for " ~ env_var('PINLANDING_MODEL') ~ ", so none of " ~ calls
                    ~ " calls was made. Add its price (0 is a price) and build again."
                ) }}
            {% elif calls %}
                {#- With --defer the tables that the other stages are estimated by lie elsewhere. -#}
                {% set can_estimate = not model_stages().extract_attributes.tables | reject('in', standing_tables()) | list %}
                {{ exceptions.raise_compiler_error(
                    "PINLANDING_BUDGET_USD is not set, so no call was made.\n"
                    ~ (cost_estimate() | join('\n') if can_estimate else calls ~ " questions of " ~ stage ~ " have no stored answer.")
                ) }}
            {% endif %}
        {% endif %}
    {% endif %}
{% endmacro %}
