{%- set longest = 4 -%}
with

title_runs as (

    select * from {{ ref('title_runs') }}

),

sized as (

    select
        title_runs.*,
        length.words_in_phrase
    from title_runs
        lateral view explode(sequence(1, least({{ longest }}, size(words)))) length as words_in_phrase

),

placed as (

    select
        sized.*,
        begin.place,
        slice(sized.words, begin.place, sized.words_in_phrase) as phrase_words
    from sized
        lateral view explode(sequence(1, size(sized.words) - sized.words_in_phrase + 1)) begin as place

),

final as (

    select
        product_id,
        segment,
        cast(first_position + place - 1 as int) as place,
        words_in_phrase,
        lead,
        array_join(phrase_words, ' ') as phrase,
        substring(
            array_join(
                transform(
                    slice(arrays_zip(words, hyphenated), place, words_in_phrase),
                    (token, n) -> concat(if(token.hyphenated and n > 0, '-', ' '), token.words)
                ),
                ''
            ),
            2
        ) as spelling,
        first_position + place - 1 = 1 as is_initial,
        is_head
        and place + words_in_phrase - 1 = size(words)
        and coalesce(words[place - 2], '') != 'of' as is_head,
        is_before_cut and place + words_in_phrase - 1 = size(words) as is_before_cut,
        is_after_number and place = 1 as is_after_number
    from placed
    where phrase_words[0] != 'of' and element_at(phrase_words, -1) != 'of'

)

select * from final
