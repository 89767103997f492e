-- After the mined ones, of which some are the same: depends_on: {{ ref('title_answers') }}
{{- stop_unless_paid_for('title_collection (search log)') -}}
{{ title_answers(ref('search_log_evidence'), ref('search_log_heuristic_titles')) }}
