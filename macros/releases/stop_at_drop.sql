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
{% macro stop_when_collections_drop(standing_pages, titled_candidates) %}
    {{ stop_when_published_pages_drop(
        'Published pages that keep their collection', standing_pages, titled_candidates ~ " as now on pages.current_id = now.combination_id",
        ' collections, landing_pages and redirects are those of the last release; products, attributes and product_attributes are this build\'s.'
    ) }}
{% endmacro %}

{#- Stops before `landing_pages` and `redirects` are replaced when many published pages would be published no more, editors and limits
    included. -#}
{% macro stop_when_pages_drop(standing_pages, page_states) %}
    {{ stop_when_published_pages_drop(
        'Published pages that stay published', standing_pages, page_states ~ " as now on pages.slug = now.slug and now.status = 'published'",
        ' landing_pages and redirects are those of the last release; products, attributes and collections are this build\'s.'
    ) }}
{% endmacro %}

{% macro stop_when_published_pages_drop(what, standing_pages, kept, state) %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') and not var('accept_drop') and not flags.EMPTY %}
        {% set counts = run_query(
            "select count(*) as before, count_if(exists_now) as now from (select now.title is not null as exists_now from " ~ standing_pages
            ~ " as pages left join " ~ kept ~ " where pages.status = 'published')"
        ).rows[0] %}
        {{ stop_at_drop(what, counts['before'] | int, counts['now'] | int, 'The pages were not published:' ~ state) }}
    {% endif %}
{% endmacro %}

{% macro stop_at_drop(what, before, now, state='Nothing was published: readers keep the last release.') %}
    {% if now < before * (1 - var('max_drop_share')) %}
        {{ exceptions.raise_compiler_error(
            what ~ " fall from {:,} to {:,}, by {:.0f} %".format(before, now, 100 * (before - now) / before) ~ ", and max_drop_share allows "
            ~ "{:.0f} %".format(100 * var('max_drop_share')) ~ ". " ~ state ~ " If the catalogue is "
            ~ "loaded whole and this is meant, build again with --vars 'accept_drop: true'."
        ) }}
    {% endif %}
{% endmacro %}
