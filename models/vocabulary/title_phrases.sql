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
        start.position,
        slice(words, start.position, words_in_phrase) as phrase_words
    from sized
    lateral view explode(sequence(1, size(words) - words_in_phrase + 1)) start as position

),

final as (

    select
        product_id,
        segment,
        cast(first_position + position - 1 as int) as position,
        words_in_phrase,
        array_join(phrase_words, ' ') as phrase,
        substring(
            array_join(
                transform(
                    slice(arrays_zip(words, hyphenated), position, words_in_phrase),
                    (token, n) -> concat(if(token.hyphenated and n > 0, '-', ' '), token.words)
                ),
                ''
            ),
            2
        ) as spelling,
        lead,
        first_position + position - 1 = 1 as is_initial,
        is_head and position + words_in_phrase - 1 = size(words) and coalesce(words[position - 2], '') != 'of' as is_head,
        is_before_cut and position + words_in_phrase - 1 = size(words) as is_before_cut,
        is_after_number and position = 1 as is_after_number
    from placed
    where phrase_words[0] != 'of' and element_at(phrase_words, -1) != 'of'

)

select * from final
