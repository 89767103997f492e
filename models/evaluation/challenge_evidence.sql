{{ combination_evidence(ref('challenge_combinations')) }}
