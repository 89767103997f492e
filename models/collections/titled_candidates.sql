with

attribute_combinations as (

    select * from {{ ref('attribute_combinations') }}

),

titled_combinations as (

    select * from {{ ref('titled_combinations') }}

),

standing_pages as (

    select * from {{ ref('standing_pages') }}

),

waning_combinations as (

    select * from {{ ref('waning_combinations') }}

),

unsafe_terms as (

    select * from {{ ref('unsafe_terms') }}

),

standing as (

    select *
    from standing_pages
    where is_heir and status in ('published', 'hidden') and quality_score >= {{ var('min_quality') }}

),

-- A page that stands keeps the title that it had when a new one failed or is poorer than new pages may be. One that
-- contradicts itself by now retires.
judged as (

    select
        titled_combinations.combination_id,
        if(
            titled_combinations.titled.valid and titled_combinations.titled.quality >= {{ var('min_quality') }},
            struct(
                titled_combinations.titled.title,
                titled_combinations.titled.description,
                titled_combinations.titled.quality as quality_score,
                titled_combinations.titled.quality_source,
                false as is_kept
            ),
            struct(
                standing.title, standing.description, standing.quality_score, standing.quality_source, true as is_kept
            )
        ) as titled
    from titled_combinations
    left join standing on titled_combinations.combination_id = standing.current_id
    where coalesce(titled_combinations.titled.valid, titled_combinations.titled.error is not null)

),

candidates as (

    select
        attribute_combinations.combination_id,
        attribute_combinations.attributes,
        attribute_combinations.attribute_ids,
        attribute_combinations.product_type_id,
        attribute_combinations.carriers,
        attribute_combinations.products,
        attribute_combinations.items,
        attribute_combinations.products_fingerprint,
        judged.titled.title,
        judged.titled.description,
        judged.titled.quality_score,
        judged.titled.quality_source,
        judged.titled.is_kept
    from attribute_combinations
    inner join judged on attribute_combinations.combination_id = judged.combination_id
    where judged.titled.title is not null
    union all
    select
        combination_id,
        attributes,
        attribute_ids,
        product_type_id,
        carriers,
        products,
        items,
        products_fingerprint,
        title,
        description,
        quality_score,
        quality_source,
        true as is_kept
    from waning_combinations

),

written as (

    select
        combination_id,
        {{ title_text('title', 'description') }} as text,
        {{ values_text('attributes') }} as allowed
    from candidates
    where is_kept and quality_source = 'openai'

),

-- A title that a page keeps may be older than a term of the list; titled_combinations has passed the others.
unsafe_titles as (

    {{ unsafe_texts('written', 'unsafe_terms', ['combination_id'], allowed=true) }}

),

final as (

    select candidates.* except (is_kept)
    from candidates
    left anti join unsafe_titles on candidates.combination_id = unsafe_titles.combination_id

)

select * from final
