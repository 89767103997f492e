with

existing_pages as (

    {{ rows_of_input('existing_pages') }}

),

located as (

    select
        trim(title) as title,
        regexp_replace(trim(slug), '#.*$', '') as given,
        regexp_extract(trim(slug), '^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//([^/?#]*)', 1) as page_host,
        {{ setting('PINLANDING_SITE_URL') }} as site
    from existing_pages

),

-- An address may be a path or a URL, with what follows a page's address in logs.
split_addresses as (

    select
        title,
        given,
        page_host,
        trim(both '/' from regexp_replace(
            regexp_replace(given, '[?].*$', ''), '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]*', ''
        )) as address,
        regexp_extract(site, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//([^/]*)', 1) as site_host,
        trim(both '/' from regexp_replace(site, '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]*', '')) as base
    from located

),

placed as (

    select
        title,
        given,
        address,
        base,
        -- A path may leave the base out; a URL says where its page is.
        page_host != '' and site_host != '' and (
            lower(regexp_replace(page_host, '^www[.]', '')) != lower(regexp_replace(site_host, '^www[.]', ''))
            or base != '' and not startswith(address, concat(base, '/'))
        ) as is_elsewhere
    from split_addresses
    where address != ''

),

addresses as (

    select
        title,
        if(
            not is_elsewhere and base != '' and startswith(address, concat(base, '/')),
            substring(address, length(base) + 2),
            address
        ) as below_base,
        if(is_elsewhere, given, null) as elsewhere
    from placed

),

final as (

    select
        if(elsewhere is null, lower(below_base), null) as slug,
        coalesce(elsewhere, min(below_base)) as address,
        min_by(title, below_base) as title
    from addresses
    where below_base != ''
    group by
        elsewhere,
        if(elsewhere is null, lower(below_base), null)

)

select * from final
