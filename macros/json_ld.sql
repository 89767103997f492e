{#- A schema.org CollectionPage with the page's products as an ItemList and the broader pages above it as a BreadcrumbList. Absent facts are absent keys. Image and page
    addresses are given only where the catalogue holds URLs: a file's path means nothing to a reader of the page. `<`
    is escaped, so that no product's title can close the script element that holds it, or (`<!--<script>`) keep it open. -#}
{% macro collection_page_json_ld(title, description, address, all_items, items, broader, site) -%}
    replace(
        to_json(named_struct(
            '@context', 'https://schema.org',
            '@type', 'CollectionPage',
            'name', {{ title }},
            'description', {{ description }},
            'url', {{ address }},
            'breadcrumb', named_struct(
                '@type', 'BreadcrumbList',
                'itemListElement', transform(
                    concat(
                        transform({{ broader }}, page -> struct(page.title as name, concat({{ site }}, '/', page.slug) as item)),
                        array(struct({{ title }} as name, {{ address }} as item))
                    ),
                    (page, place) -> named_struct(
                        '@type', 'ListItem', 'position', place + 1, 'name', page.name, 'item', page.item
                    )
                )
            ),
            'mainEntity', named_struct(
                '@type', 'ItemList',
                'numberOfItems', {{ all_items }},
                'itemListElement', transform({{ items }}, item -> named_struct(
                    '@type', 'ListItem',
                    'position', item.rank,
                    'item', named_struct(
                        '@type', 'Product',
                        'name', item.title,
                        'sku', item.product_id,
                        'url', item.url,
                        'image', if(item.image_uri rlike '^https?://', item.image_uri, null),
                        'offers', if(
                            item.price is null,
                            null,
                            named_struct(
                                '@type', 'Offer',
                                'price', item.price,
                                'priceCurrency', item.currency,
                                'availability', if(
                                    item.in_stock, 'https://schema.org/InStock', 'https://schema.org/OutOfStock'
                                )
                            )
                        )
                    )
                ))
            )
        )),
        '<', '\\u003c'
    )
{%- endmacro %}
