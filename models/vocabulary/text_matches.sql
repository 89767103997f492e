with

product_texts as (

    select * from {{ ref('product_texts') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

placed as (

    select
        product_texts.product_id,
        product_texts.evidence,
        product_texts.segment,
        product_texts.in_brackets,
        product_texts.words as segment_words,
        token.word,
        token.position + 1 as first_position
    from product_texts
        lateral view posexplode(words) token as position, word

),

-- The join is on the first word only, so its cost is that of the tokens, not of all their n-grams.
matched as (

    select
        placed.product_id,
        placed.evidence,
        placed.segment,
        placed.in_brackets,
        placed.first_position,
        closed_lexicon.facet,
        closed_lexicon.phrase,
        closed_lexicon.spelling,
        closed_lexicon.ambiguous,
        closed_lexicon.in_type,
        placed.first_position + closed_lexicon.words - 1 as last_position,
        coalesce(try_element_at(placed.segment_words, nullif(placed.first_position - 1, 0)), '') as word_before,
        coalesce(try_element_at(placed.segment_words, placed.first_position + closed_lexicon.words), '') as word_after
    from placed
    inner join closed_lexicon
        on
            placed.word = closed_lexicon.first_word
            and (
                closed_lexicon.words = 1
                or array_join(slice(placed.segment_words, placed.first_position, closed_lexicon.words), ' ')
                = closed_lexicon.phrase
            )

),

reached as (

    select
        *,
        max(last_position) over (partition by product_id, evidence, segment, first_position) as longest_here,
        max(last_position) over (
            partition by product_id, evidence, segment
            order by first_position
            range between unbounded preceding and 1 preceding
        ) as reach_before
    from matched

),

-- Leftmost, then longest: "navy blue" leaves no "blue". One phrase may serve several facets.
final as (

    select
        product_id,
        evidence,
        segment,
        in_brackets,
        first_position,
        last_position,
        facet,
        phrase,
        spelling,
        ambiguous,
        in_type,
        -- "Men Free Run" is a shoe for men.
        word_before in ('non', 'no', 'not', 'without', 'anti', 'never', 'un')
        or (word_after in ('free', 'less') and facet != 'gender')
        -- "Wool feel", "synthetic suede": what only looks so is of another material.
        or (
            facet = 'material'
            and (
                word_before in ('faux', 'fake', 'imitation', 'artificial', 'synthetic', 'simulated', 'mock')
                or word_after in ('effect', 'look', 'feel', 'like', 'imitation', 'finish')
            )
        ) as is_negated
    from reached
    where
        last_position = longest_here
        and (reach_before is null or reach_before < first_position)

)

select * from final
