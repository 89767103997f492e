{#- What a run asked a model: bought, answered from the cache, and what is left to ask, with the reason. -#}
{% macro print_model_calls(results) %}
    {#- Every ref outside the condition: dbt finds the dependencies of a hook by reading it. -#}
    {% set answers = {} %}
    {% do answers.update({'attribute_answers': ref('attribute_answers')}) %}
    {% do answers.update({'vocabulary_review_answers': ref('vocabulary_review_answers')}) %}
    {% do answers.update({'title_answers': ref('title_answers')}) %}
    {% do answers.update({'search_log_title_answers': ref('search_log_title_answers')}) %}
    {% do answers.update({'judgement_answers': ref('judgement_answers')}) %}
    {% set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.name') | list %}
    {% set asked = answers.keys() | select('in', built) | list %}
    {% if execute and asked and env_var('PINLANDING_PROVIDER', '') == 'openai' %}
        {% set tables = [] %}
        {% for name in asked %}
            {% do tables.append("select answer.error, answer.calls from " ~ answers[name]) %}
        {% endfor %}
        {% set answered = "(" ~ tables | join(" union all ") ~ ")" %}
        {% set counts = run_query(
            "select count_if(not call.cache_hit and call.attempts > 0) as bought, count_if(call.cache_hit and call.error is null) as cached, "
            ~ "coalesce(sum(if(call.cache_hit, 0, call.usd)), 0) as usd from (select explode(calls) as call from " ~ answered ~ ")"
        ).rows[0] %}
        {% set left = run_query(
            "select substring_index(error, ':', 1) as kind, count(*) as questions from " ~ answered
            ~ " where error is not null group by 1 order by 2 desc, 1"
        ).rows %}
        {{ print("") }}
        {{ print("Model calls: {:,} made for {:.4f} dollars, {:,} answered from the cache.".format(
            counts['bought'] | int, counts['usd'] | float, counts['cached'] | int
        )) }}
        {% if left | length %}
            {% set kinds = [] %}
            {% for row in left %}
                {% do kinds.append("{:,} {}".format(row['questions'] | int, row['kind'])) %}
            {% endfor %}
            {{ print("Left to ask: {:,} questions ({}).".format(left | sum(attribute='questions') | int, kinds | join(', '))) }}
            {{ print(
                "The next build asks them, and no other; `dbt run-operation estimate_cost` says what they cost."
                ~ (" Raise PINLANDING_BUDGET_USD for more." if 'budget' in left | map(attribute='kind') else "")
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}
