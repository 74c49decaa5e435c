"""How many units have completed the window of a metric."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import percent, together
from causal.data.moments.collected import Collected
from causal.diagnostics.experiment._planned import Planned, compared

NAME = "open windows"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Report metrics with units that have not been exposed for as long as the metric looks.

    They are left out of that metric: a unit is counted by what it did in its full window or not at
    all. What is read is then the effect on those who came early, so this is a WARN; a metric that
    decides, without any complete unit in an arm, cannot be read at all and is one too.
    """
    units = collected.moments.units.sum(axis=1)
    rows: list[dict[str, Cell]] = []
    closed: list[str] = []
    for metric, counted in sorted(collected.immature.items()):
        immature = compared(collected, counted)
        if immature.sum():
            rows += [
                {
                    "metric": metric,
                    "arm": arm,
                    "open": int(n),
                    "share": float(n / max(int(all_), 1)),
                }
                for arm, n, all_ in zip(collected.moments.arms, immature, units, strict=True)
            ]
        if np.any((units > 0) & (immature >= units)):
            closed.append(metric)
    if not collected.immature:
        return ()
    if not rows:
        return (_finding(Status.PASS, "Every unit has completed the window of every metric."),)
    share = {str(row["metric"]): 0.0 for row in rows}
    for row in rows:
        share[str(row["metric"])] = max(share[str(row["metric"])], float(row["share"] or 0.0))
    said = together(f"{metric} (up to {percent(each)} of an arm)" for metric, each in share.items())
    none = f" No unit of an arm is complete for {together(closed)}." if closed else ""
    return (
        _finding(
            Status.WARN,
            f"Some {'units' if not planned.clustered else 'units of clusters'} are still inside the "
            f"window of {said}; they are left out there.{none}",
            rows,
        ),
    )


def _finding(status: Status, meaning: str, rows: list[dict[str, Cell]] | None = None) -> Finding:
    return Finding(
        name=NAME,
        status=status,
        meaning=meaning,
        remedy="" if status is Status.PASS else "Wait until the windows close before shipping.",
        detail=tuple(rows or ()),
    )
