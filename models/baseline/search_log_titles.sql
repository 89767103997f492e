{{ chosen_titles(
    ref('search_log_evidence'), ref('search_log_heuristic_titles'), ref('search_log_title_answers'), ref('unsafe_terms')
) }}
