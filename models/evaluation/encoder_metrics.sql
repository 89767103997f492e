with

model_cards as (

    select * from {{ source('raw', 'model_cards') }}

),

parsed as (

    select
        name,
        from_json(
            card,
            'metrics array<struct<
                split: string, modality: string, facet: string, k: int, metric: string, value: double
            >>'
        ).metrics as metrics
    from model_cards

),

metrics as (

    select
        name,
        inline(metrics) as (split, modality, facet, k, metric, value)
    from parsed

),

final as (

    select
        name,
        split,
        modality,
        facet,
        k,
        metric,
        value
    from metrics
    where metric is not null

)

select * from final
