with

attribute_reviews as (

    select * from {{ ref('attribute_reviews') }}

),

final as (

    select
        facet,
        {{ normalized_value('value') }} as value,
        lower(trim(max_by(decision, struct(decision, reviewer)))) as decision,
        max_by(concat_ws(': ', reviewer, reason), struct(decision, reviewer)) as reason
    from attribute_reviews
    group by facet, {{ normalized_value('value') }}

)

select * from final
