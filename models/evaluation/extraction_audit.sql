with

products as (

    select * from {{ ref('products') }}

),

title_product_types as (

    select * from {{ ref('title_product_types') }}

),

extraction_sample as (

    select * from {{ ref('extraction_sample') }}

),

extracted_pairs as (

    select * from {{ ref('extracted_pairs') }}

),

judgeable_values as (

    select * from {{ ref('judgeable_values') }}

),

label_cells as (

    select * from {{ ref('label_cells') }}

),

stg_labels as (

    select * from {{ ref('stg_labels') }}

),

extraction_cost as (

    select * from {{ ref('extraction_cost') }}

),

model_prices as (

    select * from {{ ref('model_prices') }}

),

encoder_metrics as (

    select * from {{ ref('encoder_metrics') }}

),

rates as (

    select explode(cast(array({{ var('audit_extraction_rates') | join(', ') }}) as array<double>)) as extraction_rate

),

-- Who would be asked at each rate, in the order of extraction_sample: a smaller rate asks a part of a larger one's.
places as (

    {{ extraction_places() }}

),

asked as (

    select
        rates.extraction_rate,
        places.product_id,
        products.content_key
    from places
    inner join rates on places.place <= ceil(rates.extraction_rate * places.stratum_products)
    inner join products on places.product_id = products.product_id
    left semi join extraction_sample on places.product_id = extraction_sample.product_id
    where rates.extraction_rate <= {{ var('extraction_rate') }}

),

calls as (

    select
        extraction_rate,
        count(distinct product_id) as products,
        count(distinct content_key) as calls
    from asked
    group by extraction_rate

),

price as (

    select
        max(usd_per_million_input_tokens) as usd_per_million_input_tokens,
        max(usd_per_million_output_tokens) as usd_per_million_output_tokens
    from model_prices
    where model = {{ setting('PINLANDING_MODEL') }}

),

request as (

    select
        avg(request.tokens_in) as tokens_in,
        avg(request.tokens_out) as tokens_out
    from extraction_cost
    where request.error is null

),

-- What extraction read; what the catalogue's own columns say costs nothing. "Polo t-shirt" is judged as "t-shirt" where
-- labels know that only.
judged as (

    select distinct
        extracted_pairs.product_id,
        extracted_pairs.facet,
        judgeable_values.judged_value as value
    from extracted_pairs
    inner join judgeable_values
        on extracted_pairs.facet = judgeable_values.facet and extracted_pairs.value = judgeable_values.value
    where extracted_pairs.source = 'extracted'

),

judged_pairs as (

    select
        judged.product_id,
        judged.facet,
        array_contains(label_cells.label_values, judged.value) as is_right
    from judged
    inner join label_cells on judged.product_id = label_cells.product_id and judged.facet = label_cells.facet

),

labels as (

    select
        stg_labels.product_id,
        stg_labels.facet,
        judged.value is not null as is_found
    from stg_labels
    left semi join label_cells on stg_labels.product_id = label_cells.product_id
    left join judged
        on
            stg_labels.product_id = judged.product_id
            and stg_labels.facet = judged.facet
            and stg_labels.value = judged.value

),

precision_counts as (

    select
        asked.extraction_rate,
        coalesce(judged_pairs.facet, 'all') as facet,
        count(*) as judged_pairs,
        count_if(judged_pairs.is_right) as right_pairs
    from asked
    inner join judged_pairs on asked.product_id = judged_pairs.product_id
    group by grouping sets ((asked.extraction_rate, judged_pairs.facet), (asked.extraction_rate))

),

recall_counts as (

    select
        asked.extraction_rate,
        coalesce(labels.facet, 'all') as facet,
        count(*) as labels,
        count_if(labels.is_found) as found_labels
    from asked
    inner join labels on asked.product_id = labels.product_id
    group by grouping sets ((asked.extraction_rate, labels.facet), (asked.extraction_rate))

),

all_labels as (

    select
        coalesce(facet, 'all') as facet,
        count(*) as labels
    from labels
    group by grouping sets ((facet), ())

),

-- The run `study/rate-0.25` of `make study` learned from a quarter of the products; the same judge every rate.
encoders as (

    select
        cast(substring_index(name, 'study/rate-', -1) as double) as extraction_rate,
        facet,
        max(if(metric = 'recall' and k = 10, value, null)) as encoder_recall,
        max(if(metric = 'mean_average_precision', value, null)) as encoder_mean_average_precision
    from encoder_metrics
    where name like 'study/rate-%' and split = 'validation' and modality = 'image'
    group by cast(substring_index(name, 'study/rate-', -1) as double), facet

),

grid as (

    select
        calls.*,
        all_labels.facet,
        all_labels.labels
    from calls
    cross join all_labels

),

final as (

    select
        grid.extraction_rate,
        grid.facet,
        grid.products,
        cast(precision_counts.right_pairs / precision_counts.judged_pairs as double) as precision,
        cast(recall_counts.found_labels / recall_counts.labels as double) as recall,
        cast(recall_counts.found_labels / grid.labels as double) as catalogue_recall,
        grid.calls,
        cast(round(grid.calls * request.tokens_in) as bigint) as tokens_in,
        cast(round(grid.calls * request.tokens_out) as bigint) as tokens_out,
        encoders.encoder_recall,
        encoders.encoder_mean_average_precision,
        coalesce(precision_counts.judged_pairs, 0) as judged_pairs,
        grid.calls * (
            request.tokens_in * price.usd_per_million_input_tokens
            + request.tokens_out * price.usd_per_million_output_tokens
        ) / 1e6 as usd
    from grid
    cross join request
    cross join price
    left join precision_counts
        on grid.extraction_rate = precision_counts.extraction_rate and grid.facet = precision_counts.facet
    left join recall_counts
        on grid.extraction_rate = recall_counts.extraction_rate and grid.facet = recall_counts.facet
    left join encoders on grid.extraction_rate = encoders.extraction_rate and grid.facet = encoders.facet

)

select * from final
