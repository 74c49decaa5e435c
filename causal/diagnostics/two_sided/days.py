"""Has the experiment run as long as planned, and in full weeks."""

from __future__ import annotations

from dataclasses import replace

from causal.base.finding import Finding
from causal.data.pairs.collected import CollectedPairs
from causal.diagnostics.experiment import runtime
from causal.diagnostics.experiment._planned import Planned


def check(collected: CollectedPairs, planned: Planned) -> tuple[Finding, ...]:
    """Count days of rows against the fewest planned, and against full weeks; too few are a WARN."""
    return tuple(
        replace(
            each, remedy=each.remedy.replace(_UNIT, "Name the column with the day of a row: time")
        )
        for each in runtime.check(collected, planned)
    )


_UNIT = "Name the column with the first exposure of a unit: exposed_at"
