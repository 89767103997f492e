{#- A table function of python_udfs/register.py over the rows of a CTE: all rows of a key reach one call. `arguments`
    follow the rows. -#}
{% macro call_for_each(function, rows, key, arguments) -%}
    {{ function }}(table(select * from {{ rows }} cluster by {{ key }}), {{ arguments | join(', ') }})
{%- endmacro %}

{#- Hooks of a model that sends many small rows to a function: after each row Spark measures what it has of a batch, which takes as long as writing
    it; ten thousand such rows are a batch anyway. Other models that run meanwhile may see it, which changes no result. -#}
{% macro measure_no_batches() -%}
    set spark.sql.execution.arrow.maxBytesPerBatch = 2147483647
{%- endmacro %}

{% macro measure_batches() -%}
    reset spark.sql.execution.arrow.maxBytesPerBatch
{%- endmacro %}

{#- A number for the n-th task from 0: Spark places rows by the hash of their number, which puts 0 and 1 on the same of four partitions
    and these, up to eight of them, on as many different ones of 2, 4 or 8. -#}
{% macro spread_number(task) -%}
    cast(4 * ({{ task }}) + 735 as int)
{%- endmacro %}

{#- The tasks over which matching and mining are spread. -#}
{% macro matching_tasks() -%}
    {{ var('matching_tasks') or workers() }}
{%- endmacro %}

{#- Python workers at once: of the cluster as told, else one a core of this machine. -#}
{% macro workers() -%}
    {{ env_var('PINLANDING_WORKERS', '') or env_var('PINLANDING_CORES', '4') }}
{%- endmacro %}

{#- Whether a row is the first that a task works on: it brings the rows after it what they all need, such as the vocabulary. -#}
{% macro is_first_of_task() -%}
    monotonically_increasing_id() % shiftleft(1l, 33) = 0
{%- endmacro %}
