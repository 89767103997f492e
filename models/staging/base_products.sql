with

catalog as (

    {{ rows_of_input('catalog') }}

),

facet_columns as (

    select map_from_entries(collect_list(struct(lower(column_name), facet))) as facets
    from {{ ref('facet_columns') }}

),

trimmed as (

    select
        md5(to_json(struct(*))) as row_hash,
        nullif(trim(product_id), '') as product_id,
        nullif(trim(group_id), '') as group_id,
        nullif({{ clean_text('title') }}, '') as title,
        nullif({{ clean_text('description') }}, '') as description,
        nullif({{ clean_text('brand') }}, '') as brand,
        nullif(trim(price), '') as price_text,
        nullif(trim(currency), '') as currency,
        nullif(trim(url), '') as url,
        nullif(lower(trim(availability)), '') as availability,
        nullif({{ clean_text('tags') }}, '') as tags,
        nullif(lower(trim(split)), '') as split,
        nullif(trim(image_uri), '') as image_uri,
        facet_columns
    from catalog

),

typed as (

    select
        trimmed.* except (facet_columns, image_uri, split),
        try_cast(regexp_replace(trimmed.price_text, '[^0-9.eE+-]', '') as double) as price_number,
        -- A value of schema.org, a word, a flag, or a number of pieces.
        coalesce(regexp_replace(regexp_replace(trimmed.availability, '^.*[/:]', ''), '[^a-z]', ''), '')
        not in ('outofstock', 'soldout', 'discontinued', 'false', 'no', 'unavailable')
        and coalesce(try_cast(trimmed.availability as double) > 0, true) as in_stock,
        case
            when trimmed.image_uri is null then null
            when trimmed.image_uri rlike '^(/|[a-zA-Z][a-zA-Z0-9+.-]*://)' then trimmed.image_uri
            else concat({{ setting('PINLANDING_CATALOG_FOLDER') }}, '/', trimmed.image_uri)
        end as image_uri,
        case
            when trimmed.split is null then null
            when trimmed.split in ('validation', 'val', 'valid') then 'validation'
            when trimmed.split = 'train' then 'train'
            else 'test'
        end as split,
        transform(
            filter(
                map_entries(trimmed.facet_columns),
                entry -> facet_columns.facets[entry.key] is not null and nullif(trim(entry.value), '') is not null
            ),
            entry -> struct(facet_columns.facets[entry.key] as facet, trim(entry.value) as value)
        ) as catalog_attributes
    from trimmed
    cross join facet_columns

),

priced as (

    select
        typed.* except (price_number, price_text),
        if(typed.price_number between 0 and {{ var('max_price') }}, typed.price_number, null) as price,
        if(
            typed.price_text is not null
            and not coalesce(typed.price_number between 0 and {{ var('max_price') }}, false),
            concat(
                'price ', left(typed.price_text, 40), ' is not a number from 0 to {{ var('max_price') }}: set to null'
            ),
            null
        ) as warning
    from typed

),

numbered as (

    select
        *,
        row_number() over (partition by product_id order by title is null, row_hash) as row_of_id
    from priced

),

final as (

    select
        * except (row_of_id),
        case
            when product_id is null then 'product_id is missing'
            when title is null then 'title is empty'
            when row_of_id > 1 then 'product_id is repeated: the first row by content hash is kept'
        end as rejection_reason
    from numbered

)

select * from final
