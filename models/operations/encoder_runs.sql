with

model_cards as (

    select * from {{ source('raw', 'model_cards') }}

),

encoder_in_use as (

    select * from {{ ref('encoder_in_use') }}

),

parsed as (

    select
        name,
        case
            when name like 'ablations/%' then 'ablation'
            when name like 'study/%' then 'study'
            else 'training'
        end as kind,
        get_json_object(card, '$.settings') as settings,
        from_json(
            card,
            'created_at timestamp, seconds double, cpu_seconds double, kept_step bigint,
            versions struct<code: string>,
            data struct<
                source: string, fingerprint: string, pairs: bigint, attributes: bigint, images: bigint,
                products: struct<train: bigint, validation: bigint>
            >'
        ) as card
    from model_cards

),

final as (

    select
        parsed.name,
        parsed.kind,
        parsed.card.created_at,
        parsed.card.data.fingerprint as data_fingerprint,
        parsed.card.data.source as trained_on,
        parsed.settings,
        parsed.card.data.products.train as train_products,
        parsed.card.data.products.validation as validation_products,
        parsed.card.data.images,
        parsed.card.data.pairs,
        parsed.card.data.attributes,
        parsed.card.kept_step,
        parsed.card.seconds,
        parsed.card.cpu_seconds,
        parsed.card.versions.code as code_version,
        encoder_in_use.name is not null as in_use
    from parsed
    left join encoder_in_use
        on
            parsed.name = encoder_in_use.name
            and encoder_in_use.trained_here

)

select * from final
