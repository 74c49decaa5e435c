"""The cells of a switchback as its estimators want them, and what must be zero if all is well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.cells.switches import breaks
from causal.data.panel import FloatArray
from causal.diagnostics._tail import holm
from causal.diagnostics.switchback._made import What, Zero
from causal.estimation._estimates import Estimates
from causal.estimation.rollout._lags import Switched


def switched_of(
    cells: Cells, outcome: str, *, periods: int, washout: int, weighted: bool = False
) -> Switched:
    """The cells of one outcome.

    Parameters
    ----------
    outcome
        A name in ``cells.y``.
    periods, washout
        How far a period acts, or how many periods after a switch are left out.
    weighted
        Whether entities count by their size, in place of what the outcome is a mean of.
    """
    size = np.broadcast_to(cells.weight[:, None], cells.rows.shape)
    return _switched(
        cells,
        cells.y[outcome],
        size if weighted else cells.size[outcome],
        periods=periods,
        washout=washout,
    )


def sizes_of(cells: Cells, outcome: str, *, periods: int, washout: int) -> Switched | None:
    """The log of what an outcome is a mean of; None where that is the same in every cell."""
    size = cells.size[outcome]
    known = np.isfinite(size) & (size > 0)
    if not known.any() or np.ptp(size[known]) == 0:
        return None
    logs = np.where(known, np.log(np.where(known, size, 1.0)), np.nan)
    return _switched(cells, logs, None, periods=periods, washout=washout)


def values_of(cells: Cells, outcome: str, *, periods: int, washout: int) -> Switched | None:
    """1 where a cell with rows has a value, else 0; None where all have one."""
    there = np.where(cells.rows > 0, np.isfinite(cells.y[outcome]).astype(float), np.nan)
    if not (there == 0).any():
        return None
    return _switched(cells, there, None, periods=periods, washout=washout)


def _switched(
    cells: Cells, y: FloatArray, size: FloatArray | None, *, periods: int, washout: int
) -> Switched:
    on = np.full(cells.rows.shape, np.nan) if cells.on is None else cells.on
    alone = np.unique(cells.cluster).size == cells.cluster.size
    return Switched(
        y=y,
        on=on,
        size=size,
        periods=periods,
        washout=washout,
        cluster=None if alone else cells.cluster,
        breaks=breaks(cells),
    )


def zeros_of(what: What, found: Sequence[tuple[str, Estimates]], estimand: str) -> tuple[Zero, ...]:
    """Read one estimate of each outcome as a test that it is zero, adjusted over outcomes (Holm)."""
    from scipy.stats import t as student

    rows = []
    for outcome, estimates in found:
        at = [label.estimand for label in estimates.labels].index(estimand)
        value, error = float(estimates.values[at]), float(estimates.std_errors[at])
        if estimates.refusal[at] or not error > 0:
            continue
        rows.append((outcome, value, error, float(estimates.df[at])))
    p = np.array([2 * student.sf(abs(value / error), df) for _, value, error, df in rows])
    return tuple(
        Zero(
            outcome=outcome,
            what=what,
            value=value,
            std_error=error,
            p_value=float(own),
            p_adjusted=float(adjusted),
        )
        for (outcome, value, error, _), own, adjusted in zip(rows, p, holm(p), strict=True)
    )
