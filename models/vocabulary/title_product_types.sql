with

title_phrases as (

    select * from {{ ref('title_phrases') }}

),

product_type_candidates as (

    select * from {{ ref('product_type_candidates') }}

),

found as (

    select
        title_phrases.*,
        title_phrases.place + title_phrases.words_in_phrase - 1 as last_position
    from title_phrases
    inner join product_type_candidates
        on title_phrases.phrase = product_type_candidates.phrase and product_type_candidates.is_accepted
    where
        not title_phrases.is_initial
        or title_phrases.is_head
        or title_phrases.is_before_cut

),

-- The first segment that names a type; in it the head, else the name farthest right; the longest name that ends there.
ranked as (

    select
        *,
        row_number() over (
            partition by product_id
            order by segment asc, is_head desc, last_position desc, words_in_phrase desc
        ) as choice
    from found

),

final as (

    select
        product_id,
        phrase,
        spelling,
        segment,
        cast(place as int) as first_position,
        cast(last_position as int) as last_position,
        is_head,
        case when segment > 1 then 0.7 when is_head then 0.95 else 0.8 end as confidence
    from ranked
    where choice = 1

)

select * from final
