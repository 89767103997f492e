{#- Runs before every build, run and test: what must hold before the first model, in order. -#}
{% macro prepare_run() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'retry') %}
        {{ check_functions() }}
        {{ check_settings() }}
        {%- if env_var('PINLANDING_ENCODER', '') %}{{ check_encoder() }}{% endif %}
        {{ clear_orphan_folders() }}
        {{ draw_sample_catalog() }}
        {{ open_inputs() }}
    {% endif %}
{% endmacro %}
