{{ title_answers(ref('combination_evidence'), ref('titled_combinations')) }}
