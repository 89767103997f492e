{{ title_answers(ref('search_log_evidence'), ref('search_log_heuristic_titles')) }}
