with recursive

page_states as (

    select * from {{ ref('page_states') }}

),

page_history as (

    select * from {{ ref('page_history') }}

),

page_duplicates as (

    select * from {{ ref('page_duplicates') }}

),

page_relations as (

    select * from {{ ref('page_relations') }}

),

stg_existing_pages as (

    select * from {{ ref('stg_existing_pages') }}

),

-- The stronger page may itself repeat another, and so on; strength grows with every step, so there is an end.
chains as (

    select
        page_duplicates.collection_id,
        page_duplicates.stronger_id as canonical_id,
        1 as step
    from page_duplicates
    inner join page_duplicates as next_one on page_duplicates.stronger_id = next_one.collection_id
    union all
    select
        chains.collection_id,
        page_duplicates.stronger_id as canonical_id,
        chains.step + 1 as step
    from chains
    inner join page_duplicates on chains.canonical_id = page_duplicates.collection_id

),

ends as (

    select
        collection_id,
        max_by(canonical_id, step) as canonical_id
    from chains
    group by collection_id

),

strongest as (

    select
        page_duplicates.collection_id,
        page_duplicates.reason,
        coalesce(ends.canonical_id, page_duplicates.stronger_id) as canonical_id
    from page_duplicates
    left join ends on page_duplicates.collection_id = ends.collection_id

),

shop_words as (

    select
        address,
        slug is null as is_elsewhere,
        {{ search_words('title') }} as words
    from stg_existing_pages

),

shop_titles as (

    select
        {{ title_key('words') }} as title_key,
        min(struct(is_elsewhere, address)).address as address
    from shop_words
    group by {{ title_key('words') }}

),

canonical as (

    select
        page_states.collection_id,
        strongest.reason,
        shop_titles.address as shop_address,
        coalesce(shop_titles.address, pointed_at.slug, page_states.slug) as canonical_slug
    from page_states
    left join strongest on page_states.collection_id = strongest.collection_id
    left join page_states as pointed_at on strongest.canonical_id = pointed_at.collection_id
    left join shop_titles on coalesce(pointed_at.title_key, page_states.title_key) = shop_titles.title_key

),

recorded as (

    select
        slug,
        max_by(collection_id, release) as collection_id,
        max_by(status, release) as status,
        max_by(title, release) as title,
        max_by(description, release) as description,
        max_by(content_hash, release) as content_hash,
        max_by(last_modified, release) as last_modified
    from page_history
    group by slug
    having bool_or(status = 'published') or status != 'retired'

),

pages as (

    select
        recorded.slug,
        recorded.collection_id,
        recorded.status,
        coalesce(page_states.title, recorded.title) as title,
        recorded.description,
        coalesce(page_states.products, 0L) as products,
        coalesce(page_states.items, 0L) as items,
        coalesce(page_states.all_items, 0L) as all_items,
        case
            when recorded.status != 'published' then recorded.status
            when canonical.shop_address is not null then 'the shop has a page with these words'
            else coalesce(canonical.reason, 'indexable')
        end as index_reason,
        if(recorded.status = 'published', canonical.canonical_slug, recorded.slug) as canonical_slug,
        coalesce(page_states.priority, 0d) as priority,
        coalesce(page_relations.broader, array()) as breadcrumbs,
        coalesce(page_relations.related, array()) as related,
        recorded.content_hash,
        recorded.last_modified,
        page_states.listed_products,
        rtrim('/', {{ setting('PINLANDING_SITE_URL') }}) as site
    from recorded
    left join page_states on recorded.slug = page_states.slug and recorded.status != 'retired'
    left join canonical on page_states.collection_id = canonical.collection_id
    left join page_relations on page_states.collection_id = page_relations.collection_id

),

final as (

    select
        slug,
        collection_id,
        status,
        title,
        title as heading,
        {{ shortened('title', 60) }} as meta_title,
        {{ shortened('description', 155) }} as meta_description,
        description,
        products,
        items,
        all_items,
        index_reason = 'indexable' as indexable,
        index_reason,
        canonical_slug,
        if(canonical_slug rlike '^([a-zA-Z]+:)?//', canonical_slug, concat(site, '/', canonical_slug)) as canonical_url,
        priority,
        breadcrumbs,
        related,
        content_hash,
        last_modified,
        coalesce(listed_products, array()) as listed_products,
        if(
            status = 'retired',
            null,
            {{ collection_page_json_ld(
                'title', 'description', "concat(site, '/', slug)", 'all_items', 'listed_products', 'breadcrumbs', 'site'
            ) }}
        ) as json_ld
    from pages

)

select * from final
