{#- Lower case, plain quotes, no possessive, "&" as a word: what every comparison of words starts from. -#}
{% macro plain_text(text) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(translate(lower({{ text }}), '’‘`´ʼ‐‑–—', '\'\'\'\'\'--- '), '\'s?(?![\\p{L}\\p{N}])', ''),
            '\\s*&\\s*', ' and '
        ),
        '\\b([tvuaexo]) (?=(?:shirt|neck|line|ray|ring)s?\\b)', '$1-'
    )
{%- endmacro %}

{#- A value as the vocabulary writes it: lower case, singular, single spaces. -#}
{% macro normalized_value(value) -%}
    trim(regexp_replace({{ singular_phrase(plain_text(value)) }}, '[\\s"\']+', ' '))
{%- endmacro %}

{#- The value that a person's decision "merge: x" names. -#}
{% macro merge_target(decision) -%}
    {{ normalized_value("substring(" ~ decision ~ ", 7)") }}
{%- endmacro %}

{#- Two spellings with the same key are one phrase: hyphens count as spaces, except after a single letter (t-shirt). -#}
{% macro match_key(value) -%}
    trim(regexp_replace(regexp_replace({{ value }}, '(?<=[\\p{L}\\p{N}]{2})-', ' '), '[^\\p{L}\\p{M}\\p{N}-]+', ' '))
{%- endmacro %}

{#- Two spellings with the same compact key differ only in separators and plural endings. What stands between digits stays: 1.5 is not 15. -#}
{% macro compact_key(value) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace({{ value }}, 's(?=[^\\p{L}\\p{N}]|$)', ''),
            '(?<=\\p{N})[^\\p{L}\\p{M}\\p{N}]+(?=\\p{N})', '_'
        ),
        '(?<!\\p{N})_|_(?!\\p{N})|[^\\p{L}\\p{M}\\p{N}_]+', ''
    )
{%- endmacro %}

{#- A value as part of an attribute's id: its Latin letters and digits; with a hash where it has others, which this would leave out. -#}
{% macro slug(value) -%}
    {%- set folded -%}
        translate(lower({{ value }}), 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿßæœ', 'aaaaaaceeeeiiiinoooooouuuuyysao')
    {%- endset -%}
    concat_ws(
        '-',
        nullif(trim(both '-' from regexp_replace({{ folded }}, '[^a-z0-9]+', '-')), ''),
        if({{ folded }} rlike '[^a-z0-9\\P{L}]' or not {{ folded }} rlike '[a-z0-9]', left(md5({{ value }}), 12), null)
    )
{%- endmacro %}

{#- The words of a value in one spelling: accents folded, each word as the map `standards` writes it. -#}
{% macro standard_words(value, standards) -%}
    transform(
        split(
            {{ match_key("translate(" ~ value ~ ", 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ', 'aaaaaaceeeeiiiinoooooouuuuyy')") }}, ' '
        ),
        word -> coalesce({{ standards }}[word], word)
    )
{%- endmacro %}
