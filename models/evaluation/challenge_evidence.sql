{{ config(tags=['challenge']) }}

{{ combination_evidence(ref('challenge_combinations')) }}
