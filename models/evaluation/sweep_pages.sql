with

sweep_candidates as (

    select * from {{ ref('sweep_candidates') }}

),

sweep_members as (

    select * from {{ ref('sweep_members') }}

),

settings as (

    select * from {{ ref('sweep_settings') }}

),

candidates as (

    select
        *,
        concat_ws(' ', combination_id, products) as set_id
    from sweep_candidates

),

-- A combination has the same products in many settings: each set of products is compared once, as in page_duplicates.
worded as (

    select distinct
        set_id,
        combination_id,
        products,
        {{ search_words('title') }} as words,
        struct(size(attribute_ids) as attributes, -quality as weakness, combination_id) as strength
    from candidates

),

product_sets as (

    select
        set_id,
        combination_id,
        products,
        strength,
        {{ title_key('words') }} as title_key
    from worded

),

same_words as (

    select
        product_sets.set_id,
        stronger.set_id as stronger_id
    from product_sets
    inner join product_sets as stronger
        on product_sets.title_key = stronger.title_key and product_sets.strength > stronger.strength

),

set_settings as (

    select
        candidates.set_id,
        bit_or(shiftleft(1L, candidates.setting_bit)) as settings_mask,
        min(settings.relevance_threshold) as relevance_threshold
    from candidates
    inner join settings on candidates.setting_bit = settings.setting_bit
    group by candidates.set_id

),

members as (

    select
        product_sets.set_id,
        product_sets.strength,
        set_settings.settings_mask,
        sweep_members.product_id,
        product_sets.products as set_size
    from product_sets
    inner join set_settings on product_sets.set_id = set_settings.set_id
    inner join sweep_members
        on
            product_sets.combination_id = sweep_members.combination_id
            and set_settings.relevance_threshold <= sweep_members.relevance

),

{{ nearly_same_products('members', 'set_id', bits='settings_mask') }},

repeats as (

    select * from same_words
    union all
    select * from nearly_same_products

),

near_duplicates as (

    select
        candidates.setting_bit,
        candidates.combination_id
    from repeats
    inner join candidates on repeats.set_id = candidates.set_id
    inner join candidates as stronger
        on candidates.setting_bit = stronger.setting_bit and repeats.stronger_id = stronger.set_id

),

final as (

    select
        candidates.setting_bit,
        candidates.combination_id
    from candidates
    left anti join near_duplicates
        on
            candidates.setting_bit = near_duplicates.setting_bit
            and candidates.combination_id = near_duplicates.combination_id

)

select * from final
