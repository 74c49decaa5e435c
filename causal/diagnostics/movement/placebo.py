"""Does anything show where nothing changed."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import quoted, together
from causal.diagnostics.movement._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Look whether intervals of the shares between two halves of the period before all hold zero.

    The halves differ by chance alone, so a share whose simultaneous interval leaves zero out is a
    FAIL: the shares of the real move cannot be trusted either.
    """
    halves = made.halves
    if halves is None:
        return ()
    out = (halves.low > 0) | (halves.high < 0)
    found = [node for node, own in zip(halves.nodes, out, strict=True) if own]
    known = np.isfinite(halves.low) & np.isfinite(halves.high)
    if not known.any():
        return ()
    return (
        Finding(
            name="placebo periods",
            status=Status.FAIL if found else Status.PASS,
            meaning=(
                f"Between two halves of the period before, {together(map(quoted, found))} would "
                "explain a move, where nothing changed. The shares carry no verdict."
                if found
                else "Between two halves of the period before, where nothing changed, no mechanism "
                "explains a move."
            ),
            remedy=(
                "Look at the cluster, which may be too fine, and at support and weights."
                if found
                else ""
            ),
            blocks="page" if found else "none",
            columns=tuple(found),
            detail=tuple(
                {"share of": node, "low": float(low), "high": float(high)}
                for node, low, high in zip(halves.nodes, halves.low, halves.high, strict=True)
                if np.isfinite(low) and np.isfinite(high)
            ),
        ),
    )
