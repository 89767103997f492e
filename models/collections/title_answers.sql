{{ title_answers(ref('combination_evidence'), ref('heuristic_titles')) }}
