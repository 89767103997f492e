{#- Stops before the public table `products` is replaced when far fewer products are accepted than it holds: a catalogue that is half
    loaded must not retire half of the pages. -#}
{% macro stop_when_products_drop(standing, accepted) %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') and not var('accept_drop') and not flags.EMPTY and load_relation(standing) %}
        {% set counts = run_query(
            "select (select count(*) from " ~ standing ~ ") as before, (select count(*) from " ~ accepted ~ ") as now"
        ).rows[0] %}
        {{ stop_at_drop('Accepted products', counts['before'] | int, counts['now'] | int) }}
    {% endif %}
{% endmacro %}

{#- Stops before the public table `collections` is replaced when many published pages would have no collection any more. -#}
{% macro stop_when_pages_drop(standing_pages, titled_candidates) %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') and not var('accept_drop') and not flags.EMPTY %}
        {% set counts = run_query(
            "select count(*) as before, count(candidates.combination_id) as now from " ~ standing_pages ~ " as pages left join "
            ~ titled_candidates ~ " as candidates on pages.current_id = candidates.combination_id where pages.status = 'published'"
        ).rows[0] %}
        {{ stop_at_drop('Published pages that keep their collection', counts['before'] | int, counts['now'] | int) }}
    {% endif %}
{% endmacro %}

{% macro stop_at_drop(what, before, now) %}
    {% if now < before * (1 - var('max_drop_share')) %}
        {{ exceptions.raise_compiler_error(
            what ~ " fall from {:,} to {:,}, by {:.0f} %".format(before, now, 100 * (before - now) / before) ~ ", and max_drop_share allows "
            ~ "{:.0f} %".format(100 * var('max_drop_share')) ~ ". Nothing was published: readers keep the last release. If the catalogue is "
            ~ "loaded whole and this is meant, build again with --vars 'accept_drop: true'."
        ) }}
    {% endif %}
{% endmacro %}
