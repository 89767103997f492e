{#- The select of the one row that says whom to ask and on what terms: model, cache, terms. The budget is one invocation's;
    a price is null for a model without a row. The grant is read when the model runs: known while dbt parses, each new one
    would parse the models again. -#}
{% macro model_terms(model_prices) %}
select
    {{ setting('PINLANDING_MODEL') }} as model,
    {{ setting('PINLANDING_CACHE') }} as cache,
    named_struct(
        'run', '{{ invocation_id }}',
        'usd', try_cast({{ setting('PINLANDING_BUDGET_USD') }} as double),
        'usd_per_million_input_tokens', max(usd_per_million_input_tokens),
        'usd_per_million_output_tokens', max(usd_per_million_output_tokens),
        'grant', {{ setting('PINLANDING_GRANT') if execute else "''" }}
    ) as terms
from {{ model_prices }}
where model = {{ setting('PINLANDING_MODEL') }}
{% endmacro %}
