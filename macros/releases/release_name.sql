{#- The name that this run's release gets: when the run started, UTC. -#}
{% macro release_name() -%}
    {{ run_started_at.strftime('%Y-%m-%dT%H:%M:%S') }}
{%- endmacro %}

{#- The day of this run, UTC, as SQL. -#}
{% macro run_date() -%}
    date '{{ run_started_at.strftime('%Y-%m-%d') }}'
{%- endmacro %}
