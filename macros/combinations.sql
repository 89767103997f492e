{#- The id of a set of attributes, whatever their order. -#}
{% macro combination_id(attribute_ids) -%}
    md5(array_join(array_sort({{ attribute_ids }}), '|'))
{%- endmacro %}

{#- A score as a decimal: sums of decimals do not depend on the order of the rows, sums of doubles do. -#}
{% macro exact_score(score) -%}
    cast({{ score }} as decimal(10, 6))
{%- endmacro %}

{#- exact_score in whole millionths. Decimals take longer: only what may be close to a half goes through them. -#}
{% macro score_millionths(score) -%}
    if(
        abs({{ score }} * 1e6d - floor({{ score }} * 1e6d) - 0.5d) < 0.001d,
        cast({{ exact_score(score) }} * 1000000 as int),
        cast(floor({{ score }} * 1e6d + 0.5d) as int)
    )
{%- endmacro %}

{#- Mean score of `size` attributes as a double of six digits. -#}
{% macro relevance(total_score, size) -%}
    cast(round({{ total_score }} / {{ size }}, 6) as double)
{%- endmacro %}

{#- An aggregate that is equal for equal sets of keys, in any order: two hashes with different seeds, one summed, one
    xor-ed, and the count, hashed together. -#}
{% macro set_fingerprint(key, condition) -%}
    xxhash64(
        count_if({{ condition }}),
        coalesce(bit_xor(if({{ condition }}, xxhash64({{ key }}), 0)), 0),
        coalesce(sum(if({{ condition }}, xxhash64({{ key }}, 'sum'), 0)), 0)
    )
{%- endmacro %}
