with

product_texts as (

    select * from {{ ref('product_texts') }}

),

-- "a coffee table": what stands after a determiner is the name of a kind of thing, never a brand.
determined as (

    select
        product_texts.product_id,
        product_texts.words,
        determiner.position + 2 as first_position
    from product_texts
        lateral view posexplode(words) determiner as position, word
    where
        product_texts.evidence = 'description'
        and determiner.word in ('a', 'an', 'this', 'these', 'your', 'our', 'every', 'each', 'any')

),

phrases as (

    select
        determined.product_id,
        array_join(slice(determined.words, determined.first_position, phrase_length.words_in_phrase), ' ') as phrase
    from determined
        lateral view explode(sequence(1, 4)) phrase_length as words_in_phrase
    where determined.first_position + phrase_length.words_in_phrase - 1 <= size(determined.words)

),

final as (

    select
        phrase,
        count(distinct product_id) as products
    from phrases
    group by phrase
    having count(distinct product_id) >= 2

)

select * from final
