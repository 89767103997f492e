-- A published page with an unsafe term in its texts, and in none of its values. What people retitled is theirs.
with

page_states as (

    select * from {{ ref('page_states') }}

),

collections as (

    select * from {{ ref('collections') }}

),

unsafe_terms as (

    select * from {{ ref('unsafe_terms') }}

),

published as (

    select
        page_states.slug,
        {{ title_text(
            'if(page_states.title = page_states.own_title, page_states.title, null)', 'page_states.description'
        ) }} as text,
        {{ values_text('collections.attributes') }} as allowed
    from page_states
    inner join collections on page_states.collection_id = collections.collection_id
    where page_states.status = 'published'

),

final as (

    {{ unsafe_texts('published', 'unsafe_terms', ['slug'], allowed=true) }}

)

select * from final
