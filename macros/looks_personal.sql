{#- Whether a query looks like an e-mail address, a telephone number or an order number: a heuristic. Text around an `@`; seven digits or
    more with nothing but the signs of a number between them; a word with five digits in a row; a `#` or the word order before four. -#}
{% macro looks_personal(query) -%}
    (
        {{ query }} rlike '\\S@\\S'
        or {{ query }} rlike '([0-9][ ().+/_-]*){7,}'
        or {{ query }} rlike '[0-9]{5,}'
        or {{ query }} rlike '(#|(^| )(order|invoice|tracking))[^0-9]{0,8}[0-9]{4,}'
        or {{ query }} rlike '(^| )(?=[a-z0-9]*[0-9][a-z0-9]*[0-9])(?=[a-z0-9]*[a-z])[a-z0-9]{10,}( |$)'
    )
{%- endmacro %}
