"""Are there enough switches, in enough entities, to read an effect off them."""

from __future__ import annotations

import numpy as np

from causal.base.errors import listing
from causal.base.finding import Finding, Status
from causal.content.wording import count, fixed
from causal.data.cells.switches import switched
from causal.diagnostics.switchback._made import Made

FEWEST, FEW = 5, 10


def check(made: Made) -> tuple[Finding, ...]:
    """Count switches by entity.

    Fewer than 5 entities that are ever switched are a FAIL: nothing says how far chance reaches.
    Fewer than 10 switches an entity, or an entity that is never switched, are a WARN.
    """
    counts = switched(made.cells)
    moving, mean = int((counts > 0).sum()), float(counts.mean())
    still = [made.cells.entities[i] for i in np.flatnonzero(counts == 0)]
    status = (
        Status.FAIL
        if moving < FEWEST
        else Status.WARN
        if mean < FEW or still
        else Status.PASS
    )  # fmt: skip
    said = f"{count(moving)} {made.entity} are switched, {fixed(mean, 1)} times each on average"
    if still:
        said += f"; {listing(still, 3)} never {'is' if len(still) == 1 else 'are'}"
    return (
        Finding(
            name="few switches",
            status=status,
            meaning=f"{said}."
            + (
                f" At least {FEWEST} are needed to say how far chance reaches."
                if status is Status.FAIL
                else " An effect rests on few changes: intervals are wide."
                if mean < FEW
                else " What is never switched says only what periods were like."
                if still
                else ""
            ),
            remedy="" if status is Status.PASS else _REMEDY[status],
            statistic=float(moving) if status is Status.FAIL else mean,
            threshold=float(FEWEST if status is Status.FAIL else FEW),
            blocks="design" if status is Status.FAIL else "none",
            designs=("switchback",) if status is Status.FAIL else (),
        ),
    )


_REMEDY = {
    Status.FAIL: "Switch more entities, each by itself.",
    Status.WARN: "Run longer, or switch more often where what is carried over allows it.",
}
