with

described as (

    select describe_encoder({{ setting('PINLANDING_ENCODER') }}, {{ setting('PINLANDING_WAREHOUSE') }}) as encoder

),

final as (

    select
        encoder.name,
        encoder.key,
        encoder.location,
        encoder.trained_here,
        encoder.trained_on,
        encoder.dimension
    from described

)

select * from final
