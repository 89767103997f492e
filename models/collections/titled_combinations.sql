{{ chosen_titles(
    ref('combination_evidence'), ref('heuristic_titles'), ref('title_answers'), ref('unsafe_terms')
) }}
