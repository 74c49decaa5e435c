"""In how many periods is there anything to compare."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count
from causal.data.cells.switches import alike, breaks
from causal.diagnostics.switchback._made import Made

MOST = 0.5


def check(made: Made) -> tuple[Finding, ...]:
    """Count periods in which all entities are in one state, and where time is missing.

    Such periods say nothing; more than half of them are a WARN.
    """
    same = alike(made.cells)
    share = float(same.mean())
    holes = breaks(made.cells)
    reach = max(made.periods + 1, made.washout)
    said = (
        f"In {count(int(same.sum()))} of {count(same.size)} {made.period} all {made.entity} are in "
        "one state, and there is nothing to compare"
        if same.any()
        else f"In every one of {count(same.size)} {made.period} some {made.entity} are on and others "
        "off"
    )
    if holes:
        said += (
            f". Time is missing in {count(len(holes))} places; the {count(reach)} {made.period} after "
            "each are left out, since what was on before them is not known"
        )
    if same.all():
        return (_all(made),)
    wide = share > MOST
    return (
        Finding(
            name="periods to compare",
            status=Status.WARN if wide else Status.PASS,
            meaning=f"{said}.",
            remedy="Draw switches for each entity by itself." if wide else "",
            statistic=share,
            threshold=MOST,
            detail=tuple({"after a gap": made.cells.periods[t]} for t in holes[:10]),
        ),
    )


def _all(made: Made) -> Finding:
    return Finding(
        name="periods to compare",
        status=Status.FAIL,
        meaning=f"All {made.entity} are on and off at the same times, so that what being on does "
        "cannot be told from what those periods were like anyway.",
        remedy="Draw switches for each entity by itself; what begins everywhere at one date is "
        "'schedule: single'.",
        statistic=1.0,
        threshold=MOST,
        blocks="design",
        designs=("switchback",),
    )
