{#- Our settings; each is a share or a count of titles. -#}
{%- set min_head_share = 0.35 -%}
{%- set min_phrase_head_share = 0.2 -%}
{%- set max_number_share = 0.4 -%}
{%- set min_lift = 2.0 -%}
{%- set min_word_share = 0.08 -%}
{%- set min_tail_share = 0.1 -%}
{%- set max_name_share = 0.8 -%}
with

title_phrase_statistics as (

    select * from {{ ref('title_phrase_statistics') }}

),

described_things as (

    select * from {{ ref('described_things') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

facets as (

    select * from {{ ref('facets') }}

),

title_words as (

    select * from {{ ref('title_words') }}

),

value_modifiers as (

    select * from {{ ref('value_modifiers') }}

),

value_aliases as (

    select * from {{ ref('value_aliases') }}

),

catalogue as (

    select
        products,
        greatest(4, cast(round(log2(leads) / 2) as int)) as min_leads
    from title_phrase_statistics
    where phrase = ''

),

single_words as (

    select
        phrase as word,
        titles,
        initial_titles,
        head_titles
    from title_phrase_statistics
    where words_in_phrase = 1

),

frequent as (

    select
        phrase,
        words_in_phrase,
        titles,
        head_titles,
        initial_titles,
        before_cut_titles,
        number_titles,
        leads,
        split(phrase, ' ')[0] as first_word,
        element_at(split(phrase, ' '), -1) as last_word,
        if(words_in_phrase > 1, regexp_replace(phrase, '^[^ ]+ (of )?', ''), null) as tail
    from title_phrase_statistics
    where head_titles >= {{ var('min_attribute_products') }} and words_in_phrase > 0

),

-- The most frequent longer phrase that ends with this one: "flop" hardly ever stands without "flip".
extended as (

    select
        longer.tail as phrase,
        max(longer.head_titles) as longest_head_titles
    from frequent as longer
    inner join single_words on longer.first_word = single_words.word
    where single_words.initial_titles < {{ max_name_share }} * single_words.titles and longer.first_word != 'of'
    group by longer.tail

),

lexicon_words as (

    select
        closed_lexicon.phrase,
        bool_and(closed_lexicon.ambiguous and facets.names_things) as may_name,
        bool_or(not facets.in_type) as is_description
    from closed_lexicon
    inner join facets on closed_lexicon.facet = facets.facet
    group by closed_lexicon.phrase

),

general_words as (

    select
        word,
        role as word_role
    from title_words
    union all
    select
        modifier as word,
        'generic' as word_role
    from value_modifiers

),

roles as (

    select
        word,
        min(word_role) as word_role
    from general_words
    group by word

),

known_names as (

    select distinct {{ match_key(normalized_value('alias')) }} as phrase
    from value_aliases
    where facet = 'product_type'
    union
    select distinct {{ match_key(normalized_value('value')) }} as phrase
    from value_aliases
    where facet = 'product_type'

),

described as (

    select
        frequent.*,
        tails.head_titles as tail_titles,
        single_words.head_titles as first_word_head_titles,
        single_words.titles as first_word_titles,
        single_words.initial_titles as first_word_initial_titles,
        first_role.word_role as first_role,
        last_role.word_role as last_role,
        catalogue.products,
        catalogue.min_leads,
        coalesce(described_things.products, 0) as described_products,
        coalesce(extended.longest_head_titles, 0) as longest_head_titles,
        known_names.phrase is not null as is_known_name,
        whole.phrase is not null and not whole.may_name as is_closed,
        coalesce(first_lexicon.is_description and not first_lexicon.may_name, false) as starts_closed,
        coalesce(last_lexicon.is_description, false) as ends_closed
    from frequent
    cross join catalogue
    left join described_things on frequent.phrase = described_things.phrase
    left join extended on frequent.phrase = extended.phrase
    left join title_phrase_statistics as tails on frequent.tail = tails.phrase
    left join single_words on frequent.first_word = single_words.word
    left join known_names on frequent.phrase = known_names.phrase
    left join lexicon_words as whole on frequent.phrase = whole.phrase
    left join
        lexicon_words as first_lexicon
        on frequent.first_word = first_lexicon.phrase and frequent.words_in_phrase > 1
    left join lexicon_words as last_lexicon on frequent.last_word = last_lexicon.phrase and frequent.words_in_phrase > 1
    left join roles as first_role on frequent.first_word = first_role.word
    left join roles as last_role on frequent.last_word = last_role.word

),

measured as (

    select
        *,
        head_titles / titles as head_share,
        head_titles / first_word_titles as word_share,
        coalesce(head_titles * products / (first_word_titles * tail_titles), 1e9) as lift,
        number_titles / head_titles as number_share,
        head_titles / tail_titles as tail_share,
        first_word_head_titles >= {{ var('min_attribute_products') }}
        and first_word_head_titles >= {{ min_phrase_head_share }} * first_word_titles as starts_with_noun,
        -- A longer name says more than a word, and so does a word that nearly always ends its title.
        case
            when words_in_phrase > 1 then greatest(3, min_leads - 2)
            when head_titles >= 0.9 * titles and initial_titles = 0 and head_titles >= 10 and length(phrase) > 3
                then greatest(3, min_leads - 2)
            else min_leads
        end as needed_leads,
        first_word_initial_titles >= {{ max_name_share }} * first_word_titles as starts_like_name,
        head_titles - longest_head_titles as unextended_titles
    from described

),

judged as (

    select
        *,
        case
            when is_closed and not is_known_name then 'a value of a closed facet'
            when words_in_phrase = 1 and first_role is not null then 'too general a word'
            when words_in_phrase = 2 and first_role is not null and last_role is not null then 'only general words'
            when
                words_in_phrase > 1 and first_role in ('filler', 'joiner', 'unit', 'cut', 'part')
                then 'begins with a general word'
            when
                words_in_phrase > 1 and last_role in ('filler', 'joiner', 'unit', 'cut')
                then 'ends with a general word'
            when length(phrase) < 3 and not is_known_name then 'too short'
            when starts_closed then 'begins with a value of a closed facet'
            when ends_closed and words_in_phrase > 1 then 'ends with a value of a closed facet'
            when number_share >= {{ max_number_share }} then 'a measure, after numbers'
            when
                head_share < if(words_in_phrase = 1, {{ min_head_share }}, {{ min_phrase_head_share }})
                and not is_known_name
                then 'rarely the head of a title'
            when leads < needed_leads and described_products < 3 then 'after too few different beginnings'
            when
                words_in_phrase > 1 and starts_like_name and described_products < 3
                then 'begins like a brand'
            when
                words_in_phrase > 1
                and greatest(word_share / {{ min_word_share }}, coalesce(tail_share, 0) / {{ min_tail_share }}) < 1
                then 'words not tied together'
            when words_in_phrase > 1 and lift < {{ min_lift }} and not starts_with_noun then 'words not tied together'
            when
                unextended_titles < greatest({{ var('min_attribute_products') }}, 0.05 * head_titles)
                and described_products < 3
                and not is_known_name
                then 'only part of a longer name'
        end as rejection_reason
    from measured

),

final as (

    select
        phrase,
        words_in_phrase,
        titles,
        head_titles,
        initial_titles,
        before_cut_titles,
        leads,
        described_products,
        lift,
        word_share,
        rejection_reason,
        rejection_reason is null as is_accepted
    from judged

)

select * from final
