{{ combination_evidence(ref('search_log_combinations')) }}
