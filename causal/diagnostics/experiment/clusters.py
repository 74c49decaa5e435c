"""Were enough clusters assigned to each arm."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import figure, together
from causal.data.moments.collected import Collected
from causal.data.moments.moments import Moments
from causal.data.moments.rows import SIZE
from causal.data.panel import FloatArray
from causal.diagnostics.clusters import FEW, NONE_BELOW
from causal.diagnostics.experiment._planned import Planned

NAME = "few clusters"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Count the clusters of each arm, and how many equal ones they are worth.

    Under 5 in an arm no interval can be trusted: a FAIL. Under 30, or worth fewer than 30 of equal
    size ((sum n)^2 / sum n^2), intervals lean on the correction for small samples: a WARN.
    """
    if not planned.clustered:
        return ()
    moments = collected.moments
    number = moments.n.sum(axis=1)
    worth = _effective(moments)
    fewest, least = int(number.min()), float(np.nanmin([*number, *worth]))
    status = Status.FAIL if fewest < NONE_BELOW else Status.WARN if least < FEW else Status.PASS
    said = together(
        f"{arm} {n} (worth {figure(float(w), 2)} of equal size)" if np.isfinite(w) else f"{arm} {n}"
        for arm, n, w in zip(moments.arms, number.tolist(), worth, strict=True)
    )
    return (
        Finding(
            name=NAME,
            status=status,
            meaning=f"Clusters by arm: {said}. {_MEANS[status]}",
            remedy="" if status is Status.PASS else _REMEDY,
            statistic=least if status is Status.WARN else float(fewest),
            threshold=float(NONE_BELOW if status is Status.FAIL else FEW),
            blocks="page" if status is Status.FAIL else "none",
            detail=_rows(moments, worth),
        ),
    )


_MEANS = {
    Status.FAIL: f"An interval from fewer than {NONE_BELOW} in an arm would be a guess.",
    Status.WARN: f"With fewer than {FEW} in an arm intervals are wider and lean on Student's t.",
    Status.PASS: f"Every arm has at least {FEW}.",
}
_REMEDY = "Assign more clusters; more units in the same clusters help little."


def _effective(moments: Moments) -> FloatArray:
    """Clusters of equal size that each arm's are worth, (arms,); NaN where sizes are not known."""
    if SIZE not in moments.columns:
        return np.full(len(moments.arms), np.nan)
    at = moments.position(SIZE)
    mean = moments.mean[:, :, at]
    squares = moments.scatter[:, :, at, at] + moments.n * mean**2
    squares = np.where(moments.n > 0, squares, 0.0)
    with np.errstate(all="ignore"):
        return np.asarray((moments.n * mean).sum(axis=1) ** 2 / squares.sum(axis=1))


def _rows(moments: Moments, worth: FloatArray) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "arm": arm,
            "clusters": int(moments.n[at].sum()),
            "worth": float(worth[at]) if np.isfinite(worth[at]) else None,
            "units": int(moments.units[at].sum()),
        }
        for at, arm in enumerate(moments.arms)
    )
