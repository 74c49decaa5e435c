"""Hand the shares to their checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.panel import FloatArray
from causal.diagnostics.movement._made import Halves, Made, Turned
from causal.estimation.movement._attribution import Attribution
from causal.estimation.movement.shipped import Claimed


def made(
    found: Attribution,
    *,
    low: FloatArray,
    high: FloatArray,
    claimed: Sequence[Claimed] = (),
    turned: Turned | None = None,
    halves: Halves | None = None,
) -> Made:
    """Gather what the checks of the shares read.

    Parameters
    ----------
    found
        The shares.
    low, high
        Their intervals, shape (nodes,); those of shares with claims are widened by the claims' errors.
    claimed
        Their split, one for each share, when experiments shipped.
    turned, halves
        The shares in another order, and of a move that is none, when made.
    """
    told = [each.claimed if each.claims else np.nan for each in claimed]
    for at, each in enumerate(claimed):
        if each.claims and np.isfinite(low[at]):
            low, high = low.copy(), high.copy()
            low[at], high[at] = each.claimed + each.low, each.claimed + each.high
    return Made(
        form=found.form,
        outcome=found.groups[-1][-1],
        groups=found.groups,
        reach=found.support,
        low=low,
        high=high,
        claimed=np.array(told) if told else np.full(len(found.groups), np.nan),
        turned=turned,
        halves=halves,
    )
