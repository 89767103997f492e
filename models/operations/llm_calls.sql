with

attribute_answers as (

    select * from {{ ref('attribute_answers') }}

),

title_answers as (

    select * from {{ ref('title_answers') }}

),

search_log_title_answers as (

    select * from {{ ref('search_log_title_answers') }}

),

model_prices as (

    select * from {{ ref('model_prices') }}

),

calls as (

    select
        'extract_attributes' as stage,
        inline(answer.calls) as (
            key, model, prompt_version, tokens_in, tokens_out, latency_ms, attempts, cache_hit, error
        )
    from attribute_answers
    union all
    select
        'title_collection' as stage,
        inline(answer.calls) as (
            key, model, prompt_version, tokens_in, tokens_out, latency_ms, attempts, cache_hit, error
        )
    from title_answers
    union all
    select
        'title_collection' as stage,
        inline(answer.calls) as (
            key, model, prompt_version, tokens_in, tokens_out, latency_ms, attempts, cache_hit, error
        )
    from search_log_title_answers

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
