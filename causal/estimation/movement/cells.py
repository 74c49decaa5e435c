"""Where something happened: segments whose rate moved apart from the whole, with all looks counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.data.movement.sums import SegmentSums
from causal.estimation.movement.mix import beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A segment, and how far its rate moved beyond the whole metric.

    ``low`` and ``high`` are its own interval; ``p_adjusted`` (Holm 1979) counts every segment that
    was looked at.
    """

    columns: tuple[str, ...]
    values: tuple[str, ...]
    rows: int
    before: float
    after: float
    difference: float
    std_error: float
    low: float
    high: float
    p_value: float
    p_adjusted: float


def apart(cut: Sequence[SegmentSums], *, level: float) -> tuple[Apart, ...]:
    """Rank the segments of every way of cutting one outcome, those least likely by chance first.

    Parameters
    ----------
    cut
        One outcome, cut in several ways.
    level
        Of the intervals.
    """
    from scipy.stats import t as student
    from statsmodels.stats.multitest import multipletests

    found: list[Apart] = []
    for sums in cut:
        estimates = beyond(sums)
        error = estimates.std_errors
        rate = np.divide(sums.top, np.where(sums.bottom > 0, sums.bottom, 1.0))
        known = [not why and error[s] > 0 for s, why in enumerate(estimates.refusal)]
        for s in np.flatnonzero(known):
            value, df = float(estimates.values[s]), float(estimates.df[s])
            reach = float(student.isf((1 - level) / 2, df) * error[s])
            p = float(2 * student.sf(abs(value) / error[s], df))
            found.append(
                Apart(
                    columns=sums.columns,
                    values=sums.values[s],
                    rows=int(sums.rows[:, s].sum()),
                    before=float(rate[0, s]),
                    after=float(rate[1, s]),
                    difference=value,
                    std_error=float(error[s]),
                    low=value - reach,
                    high=value + reach,
                    p_value=p,
                    p_adjusted=p,
                )
            )
    if not found:
        return ()
    adjusted = multipletests([each.p_value for each in found], method="holm")[1]
    ranked = [replace(each, p_adjusted=float(p)) for each, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(ranked, key=lambda each: (each.p_value, each.columns, each.values)))
