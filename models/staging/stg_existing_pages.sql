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
        )) as path,
        trim(both '/' from regexp_replace(
            {{ setting('PINLANDING_SITE_URL') }}, '^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]*', ''
        )) as base
    from existing_pages

),

below_base as (

    select
        title,
        if(base != '' and startswith(path, concat(base, '/')), substring(path, length(base) + 2), path) as path
    from trimmed

),

final as (

    select
        lower(path) as slug,
        min(path) as path,
        min_by(title, path) as title
    from below_base
    where path != ''
    group by lower(path)

)

select * from final
