with

weighed_pages as (

    select * from {{ ref('weighed_pages') }}

),

page_members as (

    select * from {{ ref('page_members') }}

),

-- The smaller strength is the stronger page: fewer attributes, then priority.
pages as (

    select
        collection_id,
        title_key,
        attribute_ids,
        struct(size(attribute_ids) as attributes, -priority as weakness, collection_id) as strength
    from weighed_pages
    where status = 'published'

),

same_words as (

    select
        pages.collection_id,
        stronger.collection_id as stronger_id,
        'same words in the title' as reason
    from pages
    inner join pages as stronger
        on pages.title_key = stronger.title_key and pages.strength > stronger.strength

),

broader_ids as (

    select
        collection_id,
        explode(transform(
            attribute_ids, attribute_id -> {{ combination_id('array_remove(attribute_ids, attribute_id)') }}
        )) as broader_id
    from pages

),

members as (

    select
        pages.collection_id,
        pages.strength,
        page_members.product_id,
        count(*) over (partition by pages.collection_id) as set_size
    from pages
    inner join page_members on pages.collection_id = page_members.collection_id

),

{{ nearly_same_products('members', 'collection_id') }},

all_pairs as (

    select * from same_words
    union all
    select
        nearly_same_products.collection_id,
        nearly_same_products.stronger_id,
        if(
            broader_ids.collection_id is null, 'nearly the same products', 'nearly all of a broader page'
        ) as reason
    from nearly_same_products
    left join broader_ids
        on
            nearly_same_products.collection_id = broader_ids.collection_id
            and nearly_same_products.stronger_id = broader_ids.broader_id

),

repeating as (

    select distinct collection_id
    from all_pairs

),

judged_pairs as (

    select
        all_pairs.collection_id,
        all_pairs.stronger_id,
        all_pairs.reason,
        struct(repeating.collection_id is not null as is_repeating, stronger.strength, all_pairs.reason) as preference
    from all_pairs
    inner join pages as stronger on all_pairs.stronger_id = stronger.collection_id
    left join repeating on all_pairs.stronger_id = repeating.collection_id

),

-- A page that is itself no repetition is pointed at before one that is.
final as (

    select
        collection_id,
        min_by(stronger_id, preference) as stronger_id,
        min_by(reason, preference) as reason
    from judged_pairs
    group by collection_id

)

select * from final
