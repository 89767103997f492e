{{- stop_unless_paid_for('title_collection') -}}
{{ title_answers(ref('combination_evidence'), ref('heuristic_titles')) }}
