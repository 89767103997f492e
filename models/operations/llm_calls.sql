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
calls as (
    {% for model, stage in answers.items() %}
        select
            '{{ stage }}' as stage,
            inline(answer.calls) as (
                key, model, prompt_version, tokens_in, tokens_out, usd, latency_ms, attempts, cache_hit, error
            )
        from {{ model }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- Equal questions share a request, of which one row was the first to need it.
ranked as (

    select
        *,
        row_number() over (
            partition by stage, key
            order by cache_hit asc, error is not null asc, attempts desc
        ) as place,
        sum(if(cache_hit, 0, attempts)) over (partition by stage, key) as attempts_now
    from calls

),

final as (

    select
        stage,
        key,
        model,
        prompt_version,
        tokens_in,
        tokens_out,
        usd,
        latency_ms,
        cast(if(cache_hit, attempts, attempts_now) as int) as attempts,
        cache_hit,
        error
    from ranked
    where place = 1

)

select * from final
