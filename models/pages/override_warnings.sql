with

checked_overrides as (

    select * from {{ ref('checked_overrides') }}

),

final as (

    select
        slug,
        action,
        product_id,
        value,
        until,
        who,
        why,
        warning
    from checked_overrides
    where warning is not null

)

select * from final
