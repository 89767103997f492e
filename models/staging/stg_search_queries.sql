with

search_log as (

    select * from {{ source('raw', 'search_log') }}

),

cleaned as (

    select
        lower({{ clean_text('query') }}) as query,
        try_cast(searches as bigint) as searches
    from search_log

),

final as (

    select
        query,
        sum(greatest(searches, 0)) as searches
    from cleaned
    where query != '' and searches is not null
    group by query

)

select * from final
