"""Does anything show where nothing changed."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted, together
from causal.diagnostics.movement._made import Made

SURE = 0.001


def check(made: Made) -> tuple[Finding, ...]:
    """Look whether the shares of the difference between two halves of the period before are zero.

    The halves differ by chance alone. A share whose simultaneous interval leaves zero out is a WARN,
    since chance does that now and then; with p < 0.001, adjusted for all shares, a FAIL: the shares
    of the real move cannot be trusted either.
    """
    halves = made.halves
    if halves is None:
        return ()
    known = np.isfinite(halves.low) & np.isfinite(halves.high)
    if not known.any():
        return ()
    out = known & ((halves.low > 0) | (halves.high < 0))
    found = tuple(node for node, own in zip(halves.nodes, out, strict=True) if own)
    least = float(np.min(halves.p_value[known]))
    failed = Status.FAIL if least < SURE else Status.WARN
    status = failed if found else Status.PASS
    return (
        Finding(
            name="placebo periods",
            status=status,
            meaning=(
                f"Between two halves of the period before, where nothing changed, "
                f"{together(map(quoted, found))} would explain a move ({p_is(least)}). "
                f"{_MEANS[status]}"
                if found
                else "Between two halves of the period before, where nothing changed, no mechanism "
                "explains a move."
            ),
            remedy=_REMEDY if found else "",
            statistic=least,
            threshold=SURE,
            blocks="page" if status is Status.FAIL else "none",
            columns=found,
            detail=tuple(
                {"share of": node, "low": float(low), "high": float(high)}
                for node, low, high, own in zip(
                    halves.nodes, halves.low, halves.high, known, strict=True
                )
                if own
            ),
        ),
    )


_MEANS = {
    Status.FAIL: "Chance does not do that: the shares carry no verdict.",
    Status.WARN: "Chance does that once in twenty times.",
}
_REMEDY = "Look at the cluster, which may be too fine, and at the checks of support and weights."
