{{ chosen_titles(ref('heuristic_titles'), ref('title_answers')) }}
