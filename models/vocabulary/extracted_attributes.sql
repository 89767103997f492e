{%- set provider = env_var('PINLANDING_PROVIDER', 'heuristic') or 'heuristic' -%}
with

products as (

    select * from {{ ref('products') }}

),

facets as (

    select * from {{ ref('facets') }}

),

closed_lexicon as (

    select * from {{ ref('closed_lexicon') }}

),

learned_labels as (

    select * from {{ ref('learned_labels') }}

),

title_product_types as (

    select * from {{ ref('title_product_types') }}

),

extracted as (

    {% if provider == 'heuristic' -%}
        select * from {{ ref('text_attributes') }}
    {%- else -%}
        select * from {{ ref('model_attributes') }}
    {%- endif %}

),

cells as (

    select
        products.product_id,
        cell.attribute.facet,
        cell.attribute.value
    from products
        lateral view explode(catalog_attributes) cell as attribute

),

distinct_cells as (

    select distinct
        cells.facet,
        cells.value as cell_value,
        facets.kind
    from cells
    inner join facets on cells.facet = facets.facet

),

-- "Shell: 60% cotton, 40% polyester" are cotton and polyester.
plain_cells as (

    select
        facet,
        cell_value,
        kind,
        if(
            kind = 'closed',
            regexp_replace(cell_value, '^\\s*\\p{L}+:\\s|\\d+([.,]\\d+)?\\s*%\\s*(of\\s)?', ''),
            cell_value
        ) as plain_value
    from distinct_cells

),

-- The last step of a path ("Shoes > Boots"); several values of a closed facet may share a cell ("Black/White").
parts as (

    select
        plain_cells.facet,
        plain_cells.cell_value,
        {{ normalized_value('part.value') }} as value
    from plain_cells
        lateral view explode(
            split(element_at(split(plain_value, '>'), -1), if(kind = 'closed', '[|;,/]', '[|;]'))
        ) part as value

),

keyed_parts as (

    select
        *,
        {{ match_key('value') }} as phrase
    from parts
    where value rlike '\\p{L}'

),

catalog_values as (

    select
        cells.product_id,
        cells.facet,
        coalesce(closed_lexicon.spelling, keyed_parts.value) as value
    from cells
    inner join keyed_parts on cells.facet = keyed_parts.facet and cells.value = keyed_parts.cell_value
    left join closed_lexicon on keyed_parts.facet = closed_lexicon.facet and keyed_parts.phrase = closed_lexicon.phrase

),

title_types as (

    select distinct {{ compact_key('phrase') }} as compact_spelling
    from title_product_types

),

-- A shelf of the shop is a product type where titles use the same name, for products whose title names none.
shelved as (

    select
        catalog_values.product_id,
        'product_type' as facet,
        catalog_values.value
    from catalog_values
    inner join title_types on {{ compact_key('catalog_values.value') }} = title_types.compact_spelling
    left anti join title_product_types on catalog_values.product_id = title_product_types.product_id
    where catalog_values.facet = 'category'

),

from_catalog as (

    select * from catalog_values
    union
    select * from shelved

),

answered as (

    select
        product_id,
        facet
    from from_catalog
    union distinct
    select
        product_id,
        facet
    from learned_labels

),

-- What the catalogue says about a single-valued facet stands; the text is not asked again.
from_text as (

    select extracted.*
    from extracted
    inner join facets on extracted.facet = facets.facet
    left join answered on extracted.product_id = answered.product_id and extracted.facet = answered.facet
    where answered.product_id is null or not facets.single_valued

),

unioned as (

    select
        product_id,
        facet,
        value,
        'catalog' as source,
        'catalog' as provider,
        'column' as evidence,
        cast(1.0 as double) as confidence
    from from_catalog
    union all
    select
        product_id,
        facet,
        value,
        'catalog' as source,
        'catalog' as provider,
        'label' as evidence,
        cast(1.0 as double) as confidence
    from learned_labels
    union all
    select
        product_id,
        facet,
        value,
        'extracted' as source,
        '{{ provider }}' as provider,
        evidence,
        confidence
    from from_text

),

ranked as (

    select
        *,
        row_number()
            over (partition by product_id, facet, value order by confidence desc, source asc, evidence asc)
            as choice
    from unioned

),

final as (

    select
        product_id,
        facet,
        value,
        source,
        provider,
        evidence,
        confidence
    from ranked
    where choice = 1

)

select * from final
