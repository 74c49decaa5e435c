"""Two periods of a table as sums by segment, and by what is independent of what."""
