{%- set named = 'PINLANDING_TEXT_ENCODER' if env_var('PINLANDING_TEXT_ENCODER', '') else 'PINLANDING_ENCODER' -%}
with

described as (

    select
        describe_encoder({{ setting('PINLANDING_ENCODER') }}, {{ setting('PINLANDING_WAREHOUSE') }}) as encoder,
        describe_encoder({{ setting(named) }}, {{ setting('PINLANDING_WAREHOUSE') }}) as text_encoder

),

final as (

    select
        encoder.name,
        encoder.key,
        encoder.location,
        encoder.trained_here,
        encoder.trained_on,
        encoder.dimension,
        text_encoder.key as text_key,
        text_encoder.location as text_location
    from described

)

select * from final
