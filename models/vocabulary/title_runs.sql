with

product_texts as (

    select * from {{ ref('product_texts') }}

),

text_matches as (

    select * from {{ ref('text_matches') }}

),

title_words as (

    select * from {{ ref('title_words') }}

),

tokens as (

    select
        product_texts.product_id,
        product_texts.segment,
        cast(token.place + 1 as int) as place,
        token.word,
        product_texts.hyphenated[token.place] as is_hyphenated
    from product_texts
        lateral view posexplode(words) token as place, word
    where product_texts.evidence = 'title' and not product_texts.in_brackets

),

-- An ambiguous word ("cream") does not end a name, nor does one of a facet that names of things may hold ("formal").
barriers as (

    select distinct
        text_matches.product_id,
        text_matches.segment,
        covered.place
    from text_matches
        lateral view explode(sequence(first_position, last_position)) covered as place
    where text_matches.evidence = 'title' and not text_matches.ambiguous and not text_matches.in_type

),

judged as (

    select
        tokens.*,
        case
            when barriers.place is not null then 'closed'
            when tokens.word rlike '\\p{N}' then 'number'
            when title_words.role in ('cut', 'joiner', 'unit') then title_words.role
            else 'content'
        end as kind
    from tokens
    left join barriers
        on
            tokens.product_id = barriers.product_id
            and tokens.segment = barriers.segment
            and tokens.place = barriers.place
    left join title_words on tokens.word = title_words.word

),

-- What follows "with", "for", "in" describes the product but does not name it.
cut as (

    select
        *,
        min(case when kind = 'cut' and place > 1 then place end)
            over (partition by product_id, segment)
            as cut_position,
        sum(case when kind = 'content' then 0 else 1 end) over (
            partition by product_id, segment
            order by place
            rows between unbounded preceding and current row
        ) as run_number,
        lag(kind) over (partition by product_id, segment order by place) as kind_before,
        min(case when segment = 1 and place = 1 then word end) over (partition by product_id) as lead
    from judged

),

runs as (

    select
        product_id,
        segment,
        run_number,
        min(lead) as lead,
        min(cut_position) as cut_position,
        min_by(kind_before, place) as kind_before,
        min(place) as first_position,
        max(place) as last_position,
        array_sort(collect_list(struct(place, word, is_hyphenated))) as tokens
    from cut
    where kind = 'content' and (cut_position is null or place < cut_position)
    group by product_id, segment, run_number

),

final as (

    select
        product_id,
        segment,
        cast(first_position as int) as first_position,
        coalesce(lead, '') as lead,
        last_position = max(last_position) over (partition by product_id, segment) as is_head,
        coalesce(last_position + 1 = cut_position, false) as is_before_cut,
        coalesce(kind_before = 'number', false) as is_after_number,
        transform(tokens, token -> token.word) as words,
        transform(tokens, token -> token.is_hyphenated) as hyphenated
    from runs

)

select * from final
