{#- `dbt run-operation rollback --args '{release: …}'`: every public table as that release left it, the tables between them as they were then (a run
    of a selection reads them), and the pages' history as of then. All versions and their files are looked for before the first table is restored;
    stopped half way, the same command goes on. -#}
{% macro rollback(release) %}
    {#- YAML reads it as a time where it stands without quotes. -#}
    {% set release = release if release is string else release.strftime('%Y-%m-%dT%H:%M:%S') %}
    {% if execute %}
        {% set releases = ref('releases') %}
        {% set rows = run_query(
            "select table_name, version, built_at from " ~ releases ~ " where release = '" ~ release | replace("'", "\\'")
            ~ "' order by table_name"
        ).rows %}
        {% if not rows | length %}
            {% set known = run_query("select distinct release from " ~ releases ~ " order by release desc limit 5").columns[0].values() %}
            {{ exceptions.raise_compiler_error(
                "There is no release '" ~ release ~ "'. The last ones: " ~ (known | join(', ') or 'none yet, build everything first') ~ "."
            ) }}
        {% endif %}
        {% for row in rows if row['version'] is none %}
            {{ exceptions.raise_compiler_error(
                "Release " ~ release ~ " was built as parquet, which keeps no versions: build it again from the commit "
                ~ "that `releases` names. With PINLANDING_TABLE_FORMAT=delta, later releases can be restored."
            ) }}
        {% endfor %}
        {% set moved = [] %}
        {% for row in rows %}
            {% set table = target.schema ~ '.' ~ row['table_name'] %}
            {% set versions = run_query("describe history " ~ table).columns['version'].values() | map('int') | list %}
            {% if row['version'] | int not in versions %}
                {{ exceptions.raise_compiler_error(
                    "Nothing was changed: " ~ table ~ " no longer has version " ~ row['version'] ~ ", which release " ~ release
                    ~ " left. Its log was cleaned up; choose a later release."
                ) }}
            {% endif %}
            {% if row['version'] | int != versions | max %}
                {% do moved.append((table, row['version'])) %}
            {% endif %}
        {% endfor %}
        {% set moved_public = moved | length %}
        {% set standing = standing_tables() %}
        {% for node in tables_between() if node.alias in standing %}
            {% set table = node.schema ~ '.' ~ node.alias %}
            {% set history = run_query("describe history " ~ table).rows %}
            {% set versions = [] %}
            {% for row in history if row['timestamp'] <= rows[0]['built_at'] %}
                {% do versions.append(row['version'] | int) %}
            {% endfor %}
            {% if versions and versions | max != history | map(attribute='version') | map('int') | max %}
                {% do moved.append((table, versions | max)) %}
            {% endif %}
        {% endfor %}
        {% if moved %}
            {{ print(
                "Looking for the files of " ~ moved | length ~ " tables. If a vacuum removed one, Spark names it below and nothing is changed: "
                ~ "choose a later release."
            ) }}
        {% endif %}
        {% for table, version in moved %}
            {#- The log knows how many rows there are: only a question about files opens them. -#}
            {% do run_query("select count(distinct _metadata.file_path) from " ~ table ~ " version as of " ~ version) %}
        {% endfor %}
        {% for table, version in moved %}
            {% do run_query("restore table " ~ table ~ " to version as of " ~ version) %}
        {% endfor %}
        {% if 'page_history' in standing %}
            {% do run_query(
                "insert into " ~ target.schema ~ ".page_history by name "
                ~ pages_as_of(target.schema ~ '.page_history', release, release_name())
            ) %}
        {% endif %}
        {{ print(
            "Restored release " ~ release ~ ": " ~ moved_public ~ " of " ~ rows | length ~ " public tables had changed, and "
            ~ (moved | length - moved_public) ~ " between them."
        ) }}
    {% endif %}
{% endmacro %}

{#- The models whose tables are restored beside the public ones: those that each build makes anew, and the statistics, of which the latest count. What
    was embedded, asked or recorded stays. -#}
{% macro tables_between() %}
    {% set tables = [] %}
    {% set public = public_tables() | map(attribute='unique_id') | list %}
    {% for node in graph.nodes.values() | sort(attribute='name') if node.resource_type == 'model' and node.package_name == 'pinlanding' %}
        {% if node.unique_id not in public and (node.config.materialized == 'table' or node.name == 'assignment_statistics') %}
            {% do tables.append(node) %}
        {% endif %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}

{#- The select of the rows that bring page_history back to a release: each page that changed since, as it was then. One that was new since then was
    published, so its address stays known: it is retired. -#}
{% macro pages_as_of(history, release, now) %}
    {%- set columns = ['collection_id', 'attribute_ids', 'status', 'title', 'description', 'quality_score', 'quality_source', 'products',
                       'content_hash', 'last_modified'] -%}
    {%- set page = "struct(" ~ columns | join(', ') ~ ")" -%}
    with pages as (
        select
            slug,
            max_by(if(release <= '{{ release }}', {{ page }}, null), if(release <= '{{ release }}', release, null)) as former,
            max_by({{ page }}, release) as latest
        from {{ history }}
        group by slug
    )

    select
        '{{ now }}' as release,
        slug,
        {% for column in columns if column != 'status' -%}
            coalesce(former, latest).{{ column }} as {{ column }},
        {% endfor -%}
        coalesce(former.status, 'retired') as status
    from pages
    where not (latest <=> former) and not (former is null and latest.status = 'retired')
{% endmacro %}
