"""Do shipped experiments claim more of a share than it can be, or the opposite of it."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import figure, quoted, together
from causal.diagnostics.movement._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Compare what experiments claim of each share with the interval of that share.

    A claim beyond it, on the side away from zero, is a WARN: the same change may be claimed twice, an
    effect may not have lasted, or something else moved the node the other way. A claim of less than
    the share leaves a rest that is unexplained, which is nothing wrong.
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
    over = [row for row in rows if row[1] > max(row[3], 0.0) or row[1] < min(row[2], 0.0)]
    said = together(
        f"{figure(claimed, 2)} of the share of {quoted(node)}, where at most {figure(low, 2)} to "
        f"{figure(high, 2)} fit"
        for node, claimed, low, high in over
    )
    return (
        Finding(
            name="double counting",
            status=Status.WARN if over else Status.PASS,
            meaning=f"Shipped experiments claim {said} its interval and their errors."
            if over
            else "No shipped experiment claims more of a share than its interval holds.",
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
