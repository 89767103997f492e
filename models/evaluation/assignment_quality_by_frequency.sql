{{ assignment_quality(ref('assignment_counts'), ['frequency_from']) }}
