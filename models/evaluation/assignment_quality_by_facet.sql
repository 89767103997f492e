{{ assignment_quality(ref('assignment_counts'), ['facet']) }}
