"""The worlds, by the kind of interval, in the order of the page."""

from benchmarks.coverage.worlds import (
    adjusted,
    families,
    learned,
    segments,
    unadjusted,
    within_block,
)

WORLDS = (
    *unadjusted.WORLDS,
    *adjusted.WORLDS,
    *segments.WORLDS,
    *within_block.WORLDS,
    *families.WORLDS,
    *learned.WORLDS,
)
