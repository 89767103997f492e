{#- English plurals to singulars on lower-case text: "leather dresses" -> "leather dress". Replacements on the whole
    phrase, so the cost is linear in its length. Words that only look like plurals are named; the rest follows its ending. "Glasses" alone may be spectacles and stay. -#}
{% macro singular_phrase(phrase) -%}
    {%- set start = "(?<![\\\\p{L}\\\\p{N}])" -%}
    {%- set end = "(?![\\\\p{L}\\\\p{N}])" -%}
    {%- set kept = "canvas|christmas|gas|atlas|series|species|always|lens"
        "|sports|this|has|was|its|yes|ios|gps|usb|bus|texas|vegas"
        "|dallas|adidas|mars|news|sans|dolce|physics|swiss|bias|pancreas|levis|asics|crocs|vans|ethics|glasses" -%}
    {%- set ie_stems = "hood|bean|cook|mov|ones|bowt|neckt|brown|self|smooth"
        "|well|calor|gen|sweet|cut|pix|boot|rook|t|p|l|d" -%}
    {%- set steps = [
        ("(shel|scar|hal|loa|cal|thie|wol|kerchie|lea)ves" ~ end, "$1f"),
        ("kni" ~ "ves" ~ end, "knife"),
        (start ~ "(" ~ ie_stems ~ ")ies" ~ end, "$1ie"),
        ("(?<=[\\\\p{L}]{2})ies" ~ end, "y"),
        ("(?<!\\\\b(?:ca|a|cre|ni|qui|heada|tootha|backa|mousta)ch)(?<!^glass)(?<=ch|sh|ss|x|zz)es" ~ end, ""),
        (start ~ "(tomato|potato|hero|mango|torpedo|volcano|echo)es" ~ end, "$1"),
        (start ~ "(kurt|bikin|tankin|sar|lung|dhot|khak|min|max|mid|sk|tax|churid|gut|gilf)is" ~ end, "$1i"),
        (start ~ "(men|gur|tut|em)us" ~ end, "$1u"),
        (start ~ "(?!(?:" ~ kept ~ ")" ~ end ~ ")(\\\\p{L}[\\\\p{L}\\\\p{N}]*[\\\\p{L}&&[^sui]])s" ~ end, "$1"),
    ] -%}
    {%- set result = namespace(sql=phrase) -%}
    {%- for pattern, replacement in steps -%}
        {%- set result.sql = "regexp_replace(" ~ result.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "')" -%}
    {%- endfor -%}
    {{ result.sql }}
{%- endmacro %}
