{#- Makes `raw_model_cards`: a view over the model cards of every run that `make train` left under the warehouse, with the
    run's name (its folder) and the card's JSON. Empty where nothing was trained: a table with a schema of its own may
    lie in a folder that is not there. Folders that begin with a dot, in which runs are still going on, are passed over. -#}
{% macro open_model_cards() %}
    {% set folder = env_var('PINLANDING_WAREHOUSE') ~ '/encoders' %}
    {% set view = target.schema ~ '.raw_model_cards' %}
    {% set file = target.schema ~ '.raw_model_cards_file' %}
    {% do run_query(
        "create table if not exists " ~ file ~ " (value string) using text options (wholetext 'true', recursiveFileLookup 'true', "
        ~ "pathGlobFilter 'model_card.json', path '" ~ folder | replace("'", "\\'") ~ "')"
    ) %}
    {% do run_query(
        "create or replace view " ~ view ~ " as select "
        ~ "regexp_extract(url_decode(replace(_metadata.file_path, '+', '%2B')), '/encoders/(.+)/model_card[.]json$', 1) as name, "
        ~ "value as card from " ~ file
    ) %}
{% endmacro %}
