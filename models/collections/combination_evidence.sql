{{ combination_evidence(ref('attribute_combinations')) }}
