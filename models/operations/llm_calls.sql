{%- set answers = {
    'attribute_answers': 'extract_attributes',
    'vocabulary_review_answers': 'review_attribute',
    'title_answers': 'title_collection',
    'search_log_title_answers': 'title_collection',
    'judgement_answers': 'judge_product',
} -%}
with
{% for model in answers %}
    {{ model }} as (

        select * from {{ ref(model) }}

    ),
{% endfor %}
model_prices as (

    select * from {{ ref('model_prices') }}

),

calls as (
    {% for model, stage in answers.items() %}
        select
            '{{ stage }}' as stage,
            inline(answer.calls) as (
                key, model, prompt_version, tokens_in, tokens_out, latency_ms, attempts, cache_hit, error
            )
        from {{ model }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        calls.stage,
        calls.key,
        calls.model,
        calls.prompt_version,
        calls.tokens_in,
        calls.tokens_out,
        calls.latency_ms,
        calls.attempts,
        calls.cache_hit,
        calls.error,
        (
            calls.tokens_in * model_prices.usd_per_million_input_tokens
            + calls.tokens_out * model_prices.usd_per_million_output_tokens
        ) / 1e6 as usd
    from calls
    left join model_prices on calls.model = model_prices.model

)

select * from final
