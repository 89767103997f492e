{#- An address part: lower-case ASCII words joined by dashes, accents folded. Text in another script has no such form
    and gets sixteen digits of its hash, so that different texts never share one by accident. -#}
{% macro page_slug(text) -%}
    {%- set folded -%}
        translate(
            replace(replace(lower({{ text }}), 'ß', 'ss'), "'", ''),
            'àáâãäåāçćčèéêëēęìíîïīłñńòóôõöøōšśùúûüūýÿžźż',
            'aaaaaaaccceeeeeeiiiiilnnooooooossuuuuuyyzzz'
        )
    {%- endset -%}
    concat_ws(
        '-',
        nullif(trim(both '-' from regexp_replace({{ folded }}, '[^a-z0-9]+', '-')), ''),
        if({{ folded }} rlike '[^\\x00-\\x7f\\u2018\\u2019]', left(md5({{ text }}), 16), null)
    )
{%- endmacro %}
