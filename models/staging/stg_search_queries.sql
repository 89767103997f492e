with

search_log as (

    {{ rows_of_input('search_log') }}

),

cleaned as (

    select
        lower({{ clean_text('query') }}) as query,
        -- A count with a missing one beside it comes as 3.0.
        try_cast(try_cast(searches as double) as bigint) as searches
    from search_log

),

final as (

    select
        query,
        sum(greatest(searches, 0)) as searches,
        sum(greatest(searches, 0)) >= {{ var('min_searches') }} as is_public
    from cleaned
    where query != '' and searches is not null and not {{ looks_personal('query') }}
    group by query

)

select * from final
