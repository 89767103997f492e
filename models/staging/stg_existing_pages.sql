with

existing_pages as (

    {{ rows_of_input('existing_pages') }}

),

-- An address may be a path or a URL, with what follows a page's address in logs.
trimmed as (

    select
        trim(title) as title,
        trim(both '/' from regexp_replace(
            regexp_replace(trim(slug), '[?#].*$', ''),
            '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]*',
            ''
        )) as address,
        trim(both '/' from regexp_replace(
            {{ setting('PINLANDING_SITE_URL') }}, '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]*', ''
        )) as base
    from existing_pages

),

below_base as (

    select
        title,
        if(
            base != '' and startswith(address, concat(base, '/')), substring(address, length(base) + 2), address
        ) as address
    from trimmed

),

final as (

    select
        lower(address) as slug,
        min(address) as address,
        min_by(title, address) as title
    from below_base
    where address != ''
    group by lower(address)

)

select * from final
