{{ chosen_titles(ref('search_log_heuristic_titles'), ref('search_log_title_answers')) }}
