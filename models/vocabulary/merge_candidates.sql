{#- Our settings: how near two values are for the text encoder, at which place among the nearest, and how much of the rarer
    value's products both share, to ask about them. -#}
{%- set nearest_values = 5 -%}
{%- set min_shared = 0.5 -%}
with

extracted_attributes as (

    select * from {{ ref('extracted_attributes') }}

),

products as (

    select * from {{ ref('products') }}

),

vocabulary_spellings as (

    select * from {{ ref('vocabulary_spellings') }}

),

canonical_values as (

    select * from {{ ref('canonical_values') }}

),

possible_synonyms as (

    select * from {{ ref('possible_synonyms') }}

),

attribute_embeddings as (

    select * from {{ ref('attribute_embeddings') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

contrasting_words as (

    select * from {{ ref('contrasting_words') }}

),

contrast_groups as (

    select * from {{ ref('contrast_groups') }}

),

facet_values as (

    select * from {{ ref('facet_values') }}

),

value_parents as (

    select * from {{ ref('value_parents') }}

),

centres as (

    select
        facet,
        centre as value,
        min(compact_spelling) as compact_spelling,
        sum(products) as products,
        max_by(words, struct(value = centre, value)) as words
    from vocabulary_spellings
    group by facet, centre

),

-- One letter apart, or two neighbours swapped, in one long word: blocks by number of words and first letters keep the join small.
one_letter as (

    select
        rare.facet,
        rare.value,
        frequent.value as candidate,
        if(
            length(rare.compact_spelling) = length(frequent.compact_spelling)
            and array_sort(split(rare.compact_spelling, '')) = array_sort(split(frequent.compact_spelling, ''))
            or regexp_replace(rare.compact_spelling, '(.)\\1', '$1')
            = regexp_replace(frequent.compact_spelling, '(.)\\1', '$1'),
            'letters swapped or doubled',
            'one letter differs'
        ) as evidence
    from centres as rare
    inner join centres as frequent
        on
            rare.facet = frequent.facet
            and size(rare.words) = size(frequent.words)
            and left(rare.compact_spelling, 2) = left(frequent.compact_spelling, 2)
            and rare.value != frequent.value
    where
        not rare.value rlike '\\p{N}'
        and length(array_join(array_except(rare.words, frequent.words), ' ')) >= 5
        and (
            levenshtein(rare.compact_spelling, frequent.compact_spelling) = 1
            or (
                levenshtein(rare.compact_spelling, frequent.compact_spelling) = 2
                and array_sort(split(rare.compact_spelling, '')) = array_sort(split(frequent.compact_spelling, ''))
            )
        )

),

stems as (

    select
        facet,
        value,
        array_join(
            transform(
                words,
                word -> regexp_replace(
                    regexp_replace(word, '(?<=\\p{L}{3})(?:ed|ing|ies|ie|y|e)$', ''), '(?<=\\p{L}{2})(\\p{L})\\1$', '$1'
                )
            ),
            ' '
        ) as stem
    from centres

),

inflected as (

    select
        rare.facet,
        rare.value,
        frequent.value as candidate,
        'another ending' as evidence
    from stems as rare
    inner join stems as frequent
        on rare.facet = frequent.facet and rare.stem = frequent.stem and rare.value != frequent.value

),

meanings as (

    select distinct
        possible_synonyms.facet,
        possible_synonyms.meaning,
        canonical_values.words
    from possible_synonyms
    inner join canonical_values
        on
            possible_synonyms.facet = canonical_values.facet
            and {{ normalized_value('possible_synonyms.phrase') }} = canonical_values.value

),

starts as (

    select
        facet,
        value,
        words,
        explode(sequence(1, size(words))) as start
    from centres

),

meant as (

    select
        starts.facet,
        starts.value,
        starts.words,
        starts.start,
        starts.start + size(meanings.words) as next_start,
        concat('#', meanings.meaning) as meaning
    from starts
    inner join meanings
        on
            starts.facet = meanings.facet
            and starts.words[starts.start - 1] = meanings.words[0]
            and slice(starts.words, starts.start, size(meanings.words)) = meanings.words

),

-- "Trash can" and "rubbish bin": one or two phrases of each replaced by what they can mean.
readings as (

    select
        facet,
        value,
        concat_ws(
            ' ',
            slice(words, 1, start - 1),
            array(meaning),
            slice(words, next_start, size(words))
        ) as reading
    from meant
    union distinct
    select
        first_phrase.facet,
        first_phrase.value,
        concat_ws(
            ' ',
            slice(first_phrase.words, 1, first_phrase.start - 1),
            array(first_phrase.meaning),
            slice(first_phrase.words, first_phrase.next_start, second_phrase.start - first_phrase.next_start),
            array(second_phrase.meaning),
            slice(second_phrase.words, second_phrase.next_start, size(second_phrase.words))
        ) as reading
    from meant as first_phrase
    inner join meant as second_phrase
        on
            first_phrase.facet = second_phrase.facet
            and first_phrase.value = second_phrase.value
            and first_phrase.next_start <= second_phrase.start

),

named as (

    select distinct
        rare.facet,
        rare.value,
        frequent.value as candidate,
        'possible synonyms' as evidence
    from readings as rare
    inner join readings as frequent
        on rare.facet = frequent.facet and rare.reading = frequent.reading and rare.value != frequent.value

),

embedded as (

    select
        centres.facet,
        collect_list(
            struct(centres.value as product_id, attribute_embeddings.embedded.embedding as embedding)
        ) as block,
        collect_list(
            struct(
                centres.value as attribute_id,
                attribute_embeddings.embedded.embedding as embedding,
                cast(0 as float) as bias
            )
        ) as compared_block
    from centres
    inner join attribute_embeddings
        on
            centres.facet = attribute_embeddings.facet
            and centres.value = attribute_embeddings.value
            and {{ attribute_prompt('centres.facet', 'centres.value') }} = attribute_embeddings.prompt
    inner join encoder_in_use on attribute_embeddings.encoder_key = encoder_in_use.text_key
    -- The sample's encoder knows the words of the sample only.
    where attribute_embeddings.embedded.embedding is not null and encoder_in_use.text_location != 'sample'
    group by centres.facet

),

scored as (

    select
        facet,
        score_attributes(block, compared_block, {{ nearest_values + 1 }}) as scores
    from embedded

),

near as (

    select
        facet,
        inline(scores) as (value, candidate, similarity)
    from scored

),

-- The variants of one product are one thing: "couch" and "sofa" in one group.
carried as (

    select distinct
        vocabulary_spellings.facet,
        vocabulary_spellings.centre as value,
        if(
            vocabulary_spellings.facet = 'product_type', coalesce(products.group_id, products.product_id), products.product_id
        ) as thing
    from extracted_attributes
    inner join products on extracted_attributes.product_id = products.product_id
    inner join vocabulary_spellings
        on
            extracted_attributes.facet = vocabulary_spellings.facet
            and extracted_attributes.value = vocabulary_spellings.value

),

counted as (

    select
        *,
        count(*) over (partition by facet, value) as things
    from carried

),

shared as (

    select
        one.facet,
        one.value,
        other.value as candidate,
        'the same products' as evidence
    from counted as one
    inner join counted as other
        on one.facet = other.facet and one.thing = other.thing and one.value != other.value
    group by one.facet, one.value, other.value
    having
        count(*) >= {{ var('min_attribute_products') }}
        and count(*) >= {{ min_shared }} * least(max(one.things), max(other.things))

),

found as (

    select
        facet,
        value,
        candidate,
        evidence,
        cast(null as double) as similarity,
        evidence != 'possible synonyms' as needs_veto
    from (
        select * from one_letter
        union all
        select * from inflected
        union all
        select * from named
        union all
        select * from shared
    ) as worded
    union all
    select
        facet,
        value,
        candidate,
        'a near meaning' as evidence,
        cast(similarity as double) as similarity,
        true as needs_veto
    from near
    where value != candidate and similarity >= {{ var('synonym_similarity') }}

),

-- Around the more frequent one.
directed as (

    select
        found.facet,
        rare.value,
        frequent.value as candidate,
        rare.products,
        frequent.products as candidate_products,
        array_except(rare.words, frequent.words) as own_words,
        array_except(frequent.words, rare.words) as candidate_words,
        array_sort(collect_set(found.evidence)) as evidence,
        max(found.similarity) as similarity,
        bool_and(found.needs_veto) as needs_veto
    from found
    inner join centres as rare on found.facet = rare.facet and found.value = rare.value
    inner join centres as frequent on found.facet = frequent.facet and found.candidate = frequent.value
    where struct(rare.products, frequent.value) < struct(frequent.products, rare.value)
    group by
        found.facet,
        rare.value,
        frequent.value,
        rare.products,
        frequent.products,
        array_except(rare.words, frequent.words),
        array_except(frequent.words, rare.words)

),

lexicon as (

    select
        facet,
        {{ normalized_value('value') }} as value
    from facet_values

),

grouped_words as (

    select
        contrast as contrast_group,
        word
    from contrast_groups
    union distinct
    select
        facet as contrast_group,
        value as word
    from lexicon
    where value not like '% %'

),

contrasts as (

    select
        word,
        contrast
    from contrasting_words
    union distinct
    select
        contrast as word,
        word as contrast
    from contrasting_words
    union distinct
    select
        one.word,
        other.word as contrast
    from grouped_words as one
    inner join grouped_words as other on one.contrast_group = other.contrast_group and one.word != other.word

),

lone_words as (

    select distinct word
    from contrast_groups
    where alone

),

word_pairs as (

    select
        facet,
        value,
        candidate,
        own_word,
        candidate_word
    from directed
        lateral view explode(own_words) own as own_word
        lateral view explode(candidate_words) other as candidate_word

),

vetoed as (

    select
        word_pairs.facet,
        word_pairs.value,
        word_pairs.candidate
    from word_pairs
    left join contrasts on word_pairs.own_word = contrasts.word and word_pairs.candidate_word = contrasts.contrast
    left join lone_words as own_lone on word_pairs.own_word = own_lone.word
    left join lone_words as candidate_lone on word_pairs.candidate_word = candidate_lone.word
    where
        contrasts.word is not null
        or own_lone.word is not null
        or candidate_lone.word is not null
        or word_pairs.own_word rlike '\\p{N}|less$'
        or word_pairs.candidate_word rlike '\\p{N}|less$'
        or word_pairs.own_word
        in (concat('un', word_pairs.candidate_word), concat('in', word_pairs.candidate_word), concat('non', word_pairs.candidate_word))
        or word_pairs.candidate_word
        in (concat('un', word_pairs.own_word), concat('in', word_pairs.own_word), concat('non', word_pairs.own_word))

),

parents as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        {{ normalized_value('parent') }} as parent
    from value_parents

),

-- The seeds keep apart: two values of facet_values, a value and its parent; so does a value that holds all words of the other.
kept_apart as (

    select
        directed.facet,
        directed.value,
        directed.candidate
    from directed
    inner join lexicon as own_value on directed.facet = own_value.facet and directed.value = own_value.value
    inner join lexicon as candidate_value
        on directed.facet = candidate_value.facet and directed.candidate = candidate_value.value
    union distinct
    select
        directed.facet,
        directed.value,
        directed.candidate
    from directed
    inner join parents
        on
            directed.facet = parents.facet
            and (
                (directed.value = parents.value and directed.candidate = parents.parent)
                or (directed.candidate = parents.value and directed.value = parents.parent)
            )
    union distinct
    select
        facet,
        value,
        candidate
    from directed
    where
        size(own_words) = 0
        or size(candidate_words) = 0
        or concat(' ', {{ match_key('value') }}, ' ') like concat('% ', {{ match_key('candidate') }}, ' %')
        or concat(' ', {{ match_key('candidate') }}, ' ') like concat('% ', {{ match_key('value') }}, ' %')

),

final as (

    select
        directed.facet,
        directed.value,
        directed.candidate,
        directed.products,
        directed.candidate_products,
        directed.evidence,
        directed.similarity
    from directed
    left join vetoed
        on
            directed.facet = vetoed.facet
            and directed.value = vetoed.value
            and directed.candidate = vetoed.candidate
    left anti join kept_apart
        on
            directed.facet = kept_apart.facet
            and directed.value = kept_apart.value
            and directed.candidate = kept_apart.candidate
    where not directed.needs_veto or vetoed.value is null

)

select * from final
