{#- A model has no folder, no more than a table: relative images count from the first allowed root. -#}
{%- set image_folder = (
    "element_at(split(" ~ setting('PINLANDING_IMAGE_ROOTS') ~ ", '\\n'), 1)" if var('catalog_model') else setting('PINLANDING_CATALOG_FOLDER')
) -%}
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

-- Digits, their separators, a sign and an exponent; nothing of a range, no unit (/m2), no dot of an abbreviation
-- (Rs.599). A dash stands for no cents: 19,- is 19,00.
priced_text as (

    select
        *,
        if(
            price_text rlike '[0-9][^0-9]*([-–—]|[a-zA-Z]{2,})[^0-9]*[0-9]',
            null,
            regexp_replace(
                regexp_replace(regexp_replace(price_text, '/ *[a-zA-Z].*$', ''), '[.,] *[-–—]+', ',00'),
                '[^0-9.,eE+-]|(?<=[a-zA-Z/])[.,]|(?<![0-9.])[eE]|[eE](?![0-9+-])|[.,](?![0-9])|[+-](?![0-9.])',
                ''
            )
        ) as price_digits
    from trimmed

),

typed as (

    select
        priced_text.* except (facet_columns, image_uri, split, price_digits),
        -- One or two digits after a last comma are cents: 1.299,90 is 1,299.90.
        try_cast(
            if(
                priced_text.price_digits rlike ',[0-9]{1,2}$',
                replace(replace(priced_text.price_digits, '.', ''), ',', '.'),
                replace(priced_text.price_digits, ',', '')
            ) as double
        ) as price_number,
        -- A value of schema.org, words, a flag, or a number of pieces.
        coalesce(regexp_replace(regexp_replace(priced_text.availability, '^.*[/:]', ''), '[^a-z]', ''), '')
        not in ('discontinued', 'false', 'f', 'no', 'n', 'none', 'unavailable')
        and not coalesce(
            regexp_replace(priced_text.availability, '[^a-z]', '') rlike 'outofstock|soldout|notinstock|notavailable',
            false
        )
        and coalesce(
            try_cast(regexp_extract(priced_text.availability, '^(-?[0-9.]+)( [a-z ]*)?$', 1) as double) > 0, true
        ) as in_stock,
        case
            when priced_text.image_uri is null then null
            when priced_text.image_uri rlike '^(/|[a-zA-Z][a-zA-Z0-9+.-]*://)' then priced_text.image_uri
            else concat({{ image_folder }}, '/', priced_text.image_uri)
        end as image_uri,
        case
            when priced_text.split is null then null
            when priced_text.split in ('validation', 'val', 'valid') then 'validation'
            when priced_text.split = 'train' then 'train'
            else 'test'
        end as split,
        transform(
            filter(
                map_entries(map_concat(
                    priced_text.facet_columns,
                    map(
                        'brand', priced_text.brand,
                        'tags', priced_text.tags,
                        'currency', priced_text.currency,
                        'availability', priced_text.availability
                    )
                )),
                entry -> facet_columns.facets[entry.key] is not null and nullif(trim(entry.value), '') is not null
            ),
            entry -> struct(facet_columns.facets[entry.key] as facet, trim(entry.value) as value)
        ) as catalog_attributes
    from priced_text
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
