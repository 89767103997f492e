{%- set count_words = 'two|three|four|five|six|seven|eight|ten|twelve' -%}
{%- set packs = '(?:pack|set|combo|box|pair|bundle|lot|assortment)s? of (?:\\\\d+|' ~ count_words ~ ')' -%}
{%- set size_numbers = '(?:eu|uk|us|fr) ?(?:size )?\\\\d{1,2}(?:[.,]\\\\d)?' -%}
{%- set size_words = '(?:one|free) size(?: fits? (?:all|most))?|size (?:x{0,4}[sl]|m|\\\\d{1,2})' -%}
with

products as (

    select * from {{ ref('products') }}

),

-- "Wear it with blue jeans" speaks of another product, and "also available in red" of another variant.
texts as (

    select
        product_id,
        'title' as evidence,
        title as text
    from products
    union all
    select
        product_id,
        'tags' as evidence,
        regexp_replace(tags, '[,;|]', ' | ') as text
    from products
    where tags is not null
    union all
    select
        product_id,
        'description' as evidence,
        regexp_replace(
            -- Tags within a line say nothing; the others end a line.
            regexp_replace(
                left(description, 2000), '(?i)</?(a|b|i|em|strong|span|u|font|small|sup|sub|mark)\\b[^>]*>', ' '
            ),
            '(?i)\\b((wear|pair|team|style|match|combine|layer)(ed|s)? (it|this|these|them|with|up|over|under)'
            || '|goes? ((well|great|perfectly) )?with|looks? (great|good|best) with|complete (the|your) (look|outfit)'
            || '|available in)[^.!?•|<]*'
            -- What stands before these two: two words, as a list may have lost the ends of its lines.
            || '|(?<![^\\s.!?,;:|•<>()/])([^\\s.!?,;:|•<>()/]+\\s+){0,2}((is|are)\\s+)?'
            || '(not included|sold separately)\\b[^.!?•|<]*',
            ' '
        ) as text
    from products
    where description is not null

),

plain as (

    select
        product_id,
        evidence,
        -- Written between words, the long dash separates as a hyphen with spaces does.
        {{ plain_text("replace(text, '—', ' | ')") }} as text
    from texts

),

-- Counts and sizes are no part of a name: "pack of 3" and "EU 38" go, a "chest of 4 drawers" is a chest of drawers.
counted as (

    select
        product_id,
        evidence,
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    text,
                    '\\b(?:{{ packs }}|{{ size_numbers }}|{{ size_words }})\\b',
                    ' 0 '
                ),
                '\\bof (?:\\d+|{{ count_words }}) (?=\\p{L})', 'of '
            ),
            '\\band (\\d+) (?=\\p{L})', 'with $1 '
        ) as text
    from plain

),

-- Segments are what punctuation separates; a bracket opens one of its own, marked by "(" as its first character.
separated as (

    select
        product_id,
        evidence,
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(text, '<[^>]{1,80}>', ' | '),
                        '\\b(\\p{L})\\.(?=\\p{L}(?!\\p{L}))|(?<=\\b\\p{L})\\.',
                        '$1'
                    ),
                    '[(\\[{]', ' |('
                ),
                '[)\\]}]|[,;:!?|•/\\\\]|\\.(?=\\s|$)|(?<=\\s)[-+]|[-+](?=\\s)|\\.\\.+', ' | '
            ),
            '(?<=[\\p{L}\\p{N}]{2})-(?=[\\p{L}\\p{N}])', ' ~'
        ) as text
    from counted

),

segments as (

    select
        separated.product_id,
        separated.evidence,
        part.segment,
        part.text like '(%' as in_brackets,
        {{ singular_phrase("regexp_replace(part.text, '[^\\\\p{L}\\\\p{M}\\\\p{N}~-]+', ' ')") }} as text
    from separated
        lateral view posexplode(split(text, '[|]')) part as segment, text

),

final as (

    select
        product_id,
        evidence,
        cast(row_number() over (partition by product_id, evidence order by segment) as int) as segment,
        in_brackets,
        filter(split(regexp_replace(text, '~', ''), ' '), word -> word rlike '[\\p{L}\\p{N}]') as words,
        transform(
            filter(split(text, ' '), word -> word rlike '[\\p{L}\\p{N}]'), word -> word like '~%'
        ) as hyphenated
    from segments
    where text rlike '[\\p{L}\\p{N}]'

)

select * from final
