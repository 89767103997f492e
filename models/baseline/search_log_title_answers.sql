{{- stop_unless_paid_for('title_collection (search log)') -}}
{{ title_answers(ref('search_log_evidence'), ref('search_log_heuristic_titles')) }}
