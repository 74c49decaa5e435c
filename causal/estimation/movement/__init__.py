"""Why a metric moved: mix and rate over segments, and mechanisms over a graph."""
