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

-- The last step of a path ("Shoes > Boots"); several values of a closed facet may share a cell ("Black/White").
parts as (

    select
        cells.product_id,
        cells.facet,
        facets.kind,
        {{ normalized_value('part.value') }} as value
    from cells
    inner join facets on cells.facet = facets.facet
    lateral view explode(
        split(
            element_at(split(cells.value, '>'), -1),
            case when facets.kind = 'closed' then '[|;,/]' else '[|;]' end
        )
    ) part as value

),

catalog_values as (

    select
        parts.product_id,
        parts.facet,
        coalesce(closed_lexicon.spelling, parts.value) as value
    from parts
    left join closed_lexicon
        on parts.facet = closed_lexicon.facet and {{ match_key('parts.value') }} = closed_lexicon.phrase
    where parts.value rlike '\\p{L}'

),

title_types as (

    select distinct {{ compact_key('phrase') }} as compact
    from title_product_types

),

-- A shelf of the shop is a product type where titles use the same name, for products whose title names none.
shelved as (

    select
        catalog_values.product_id,
        'product_type' as facet,
        catalog_values.value
    from catalog_values
    inner join title_types on {{ compact_key('catalog_values.value') }} = title_types.compact
    left anti join title_product_types on catalog_values.product_id = title_product_types.product_id
    where catalog_values.facet = 'category'

),

from_catalog as (

    select * from catalog_values
    union
    select * from shelved

),

-- What the catalogue says about a single-valued facet stands; the text is not asked again.
from_text as (

    select extracted.*
    from extracted
    inner join facets on extracted.facet = facets.facet
    left join (select distinct product_id, facet from from_catalog) as answered
        on extracted.product_id = answered.product_id and extracted.facet = answered.facet
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
        'extracted' as source,
        '{{ provider }}' as provider,
        evidence,
        confidence
    from from_text

),

ranked as (

    select
        *,
        row_number() over (partition by product_id, facet, value order by confidence desc, source, evidence) as choice
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
