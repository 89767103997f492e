with

label_ranks as (

    select * from {{ ref('label_ranks') }}

),

ks as (

    select explode(array(1, 5, 10)) as k

),

banded as (

    select
        *,
        {{ frequency_from('label_products') }} as frequency_from
    from label_ranks

),

recalls as (

    select
        banded.split,
        banded.modality,
        banded.frequency_from,
        ks.k,
        cast(count_if(banded.rank <= ks.k) / count(*) as double) as recall,
        count(*) as pairs,
        count(distinct banded.facet, banded.value) as attributes
    from banded
    cross join ks
    group by banded.split, banded.modality, banded.frequency_from, ks.k

),

final as (

    select
        split,
        modality,
        frequency_from,
        {{ frequency_to('frequency_from') }} as frequency_to,
        k,
        recall,
        pairs,
        attributes
    from recalls

)

select * from final
