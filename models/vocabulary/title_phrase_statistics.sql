with

title_phrases as (

    select * from {{ ref('title_phrases') }}

),

in_titles as (

    select
        phrase,
        words_in_phrase,
        product_id,
        min(lead) as lead,
        bool_or(is_head) as is_head,
        bool_or(is_initial) as is_initial,
        bool_or(is_before_cut) as is_before_cut,
        bool_or(is_head and is_after_number) as is_after_number,
        bool_or(is_head and not is_initial) as is_led
    from title_phrases
    group by phrase, words_in_phrase, product_id

),

-- A lead is the first word of a title: many different ones before a phrase mean that it is no brand and no line of one.
counted as (

    select
        phrase,
        words_in_phrase,
        count(*) as titles,
        count_if(is_head) as head_titles,
        count_if(is_initial) as initial_titles,
        count_if(is_before_cut) as before_cut_titles,
        count_if(is_after_number) as number_titles,
        count(distinct case when is_led then lead end) as leads
    from in_titles
    group by phrase, words_in_phrase

),

catalogue as (

    select
        count(distinct product_id) as products,
        count(distinct lead) as leads
    from title_phrases

),

-- The row with the empty phrase is the whole catalogue.
final as (

    select
        *,
        cast(null as bigint) as products
    from counted
    union all
    select
        '' as phrase,
        0 as words_in_phrase,
        products as titles,
        0 as head_titles,
        0 as initial_titles,
        0 as before_cut_titles,
        0 as number_titles,
        leads,
        products
    from catalogue

)

select * from final
