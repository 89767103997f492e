{#- A URL's scheme and host, which is the second group. -#}
{%- set host = '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//([^/?#]*)' -%}
with

existing_pages as (

    {{ rows_of_input('existing_pages') }}

),

located as (

    select
        trim(title) as title,
        regexp_replace(trim(slug), '#.*$', '') as given,
        {{ setting('PINLANDING_SITE_URL') }} as site
    from existing_pages

),

-- An address may be a path or a URL, with what follows a page's address in logs.
split_addresses as (

    select
        title,
        given,
        trim(both '/' from regexp_replace(regexp_replace(given, '[?].*$', ''), '{{ host }}', '')) as address,
        trim(both '/' from regexp_replace(site, '{{ host }}', '')) as base,
        lower(regexp_replace(regexp_extract(given, '{{ host }}', 2), '^www[.]', '')) as page_host,
        lower(regexp_replace(regexp_extract(site, '{{ host }}', 2), '^www[.]', '')) as site_host
    from located

),

placed as (

    select
        title,
        given,
        address,
        base,
        base != '' and startswith(address, concat(base, '/')) as is_below_base,
        -- A path may leave the base out; a URL says where its page is.
        page_host != '' and site_host != '' and (
            page_host != site_host or base != '' and not is_below_base
        ) as is_elsewhere
    from split_addresses
    where address != ''

),

addresses as (

    select
        title,
        if(is_below_base and not is_elsewhere, substring(address, length(base) + 2), address) as below_base,
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
