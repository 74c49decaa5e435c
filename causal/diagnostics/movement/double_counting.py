"""Do shipped experiments claim more of a share than it can be."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import figure, quoted, together
from causal.diagnostics.movement._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Compare what experiments claim of each share with the interval of that share.

    A claim outside it is a WARN: the same change may be claimed twice, an effect may not have
    lasted, or something else moved the node the other way.
    """
    rows = [
        (" and ".join(group), float(claimed), float(low), float(high))
        for group, claimed, low, high in zip(
            made.groups, made.claimed, made.low, made.high, strict=True
        )
        if np.isfinite([claimed, low, high]).all()
    ]
    if not rows:
        return ()
    over = [row for row in rows if not row[2] <= row[1] <= row[3]]
    said = together(
        f"{figure(claimed)} of {quoted(node)}, which is {figure(low)} to {figure(high)}"
        for node, claimed, low, high in over
    )
    return (
        Finding(
            name="double counting",
            status=Status.WARN if over else Status.PASS,
            meaning=f"Shipped experiments claim {said}."
            if over
            else "What shipped experiments claim lies within the interval of every share.",
            remedy=(
                "Look whether two experiments count the same change, whether their shares of the "
                "population are right, and whether effects lasted."
                if over
                else ""
            ),
            detail=tuple(
                {"share of": node, "claimed": claimed, "low": low, "high": high}
                for node, claimed, low, high in rows
            ),
        ),
    )
