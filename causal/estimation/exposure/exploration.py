"""The examination curve: how much less is had of a slot than of the first, where order is chance.

On exploration traffic the items of a request come in random order, so slots differ by where they are
alone: the ratio of mean outcomes gamma_k = m_k / m_1 is what the slot itself does (Joachims,
Swaminathan, Schnabel 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import Estimates, Label, Size, covariance, sums
from causal.estimation.experiment.fieller import Relative, relative

FEWEST_CLUSTERS = 5
FEWEST_ROWS = 5
"""Rows of a slot with an outcome other than zero, under which its error cannot be told."""
FIRST_SLOT = 5.0
"""The first slot's mean must be this many standard errors from zero to be divided by."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examination:
    """The curve, and the means it is made of.

    Attributes
    ----------
    estimates
        One ratio for each slot from the second on, linearised.
    slots, means
        Slots that occur, from 1, and the mean outcome of each, shape (slots,).
    covariance
        Of the means, shape (slots, slots).
    """

    estimates: Estimates
    slots: IntArray
    means: FloatArray
    covariance: FloatArray


def examination(
    outcome: FloatArray,
    slot: IntArray,
    clusters: tuple[IntArray, ...],
    *,
    name: str,
    weight: FloatArray | None = None,
) -> Examination:
    """Outcome of each slot over that of the first, among exploration rows.

    ``infer(..., multiplicity="simultaneous")`` of its estimates is the band over all slots.

    Parameters
    ----------
    outcome
        Shape (n,).
    slot
        1 for the first place, shape (n,).
    clusters
        Codes from 0 of one way of clustering, or of two (user, creator), each of shape (n,).
    name
        The outcome's.
    weight
        Shape (n,); None: ones.

    Raises
    ------
    DataError
        When slots do not start at 1 or a value is missing.
    DesignError
        When there is one slot or one cluster only, or nothing was had of the first.
    """
    _refuse(outcome, slot)
    w = np.ones(outcome.size) if weight is None else weight
    slots, at = np.unique(slot, return_inverse=True)
    code, ways = _cells(clusters)
    groups = min(int(np.unique(way).size) for way in ways)
    if groups < 2:
        raise DesignError(
            "All exploration rows are of one cluster, so no error can be told. Look at parties or "
            "cluster, or leave the key out where rows are independent."
        )
    mean, influence = _means(outcome, w, at, slots.size, code)
    if mean[0] == 0:
        raise DesignError(
            f"The mean of '{name}' in the first slot is zero, so no slot can be held against it. "
            "Use an outcome that happens more often, or more exploration rows."
        )
    ratio = mean[1:] / mean[0]
    apart = (influence[:, 1:] - ratio * influence[:, :1]) / mean[0]
    v = covariance(influence, ways)
    error = float(np.sqrt(max(v[0, 0], 0.0)))
    refusal = _refusal(groups, float(mean[0]), error)
    rows = np.bincount(at, minlength=slots.size)
    total = sums(w, at, slots.size)
    effective = total**2 / sums(w * w, at, slots.size)
    estimates = Estimates(
        labels=tuple(_label(name, int(each)) for each in slots[1:]),
        sizes=tuple(
            Size(units=int(rows[k] + rows[0]), clusters=groups,
                 treated=float(rows[k] / (rows[k] + rows[0])), effective_units=float(effective[k]))
            for k in range(1, slots.size)
        ),
        values=ratio,
        influence=apart,
        ways=ways,
        df=np.full(ratio.size, float(groups - 1)),
        baseline=np.full(ratio.size, np.nan),
        baseline_variance=np.full((ratio.size, 2), np.nan),
        refusal=tuple(
            refusal or _too_few(outcome[at == k]) for k in range(1, slots.size)
        ),
    )  # fmt: skip
    return Examination(estimates=estimates, slots=slots, means=mean, covariance=v)


def sets(found: Examination, *, level: float) -> tuple[Relative, ...]:
    """Ratios that the data do not refuse, slot by slot (Fieller 1954): right however rare it is.

    Parameters
    ----------
    found
        What :func:`examination` gave.
    level
        Of each set alone.
    """
    from scipy.stats import t as student

    v, df = found.covariance, found.estimates.df
    return tuple(
        relative(
            float(found.means[k]), float(found.means[0]),
            variance=float(v[k, k]), baseline_variance=float(v[0, 0]), covariance=float(v[k, 0]),
            critical=float(student.ppf((1 + level) / 2, df[k - 1])),
        )
        for k in range(1, found.means.size)
    )  # fmt: skip


def _means(
    outcome: FloatArray, weight: FloatArray, at: IntArray, slots: int, code: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Mean of each slot (slots,) and its influence by cell (cells, slots)."""
    total = sums(weight, at, slots)
    mean = sums(weight * outcome, at, slots) / total
    cells = int(code.max()) + 1
    each = weight * (outcome - mean[at]) / total[at]
    return mean, sums(each, code * slots + at, cells * slots).reshape(cells, slots)


def _cells(clusters: tuple[IntArray, ...]) -> tuple[IntArray, tuple[IntArray, ...]]:
    """The code of each row, and the cluster of each code in each way; codes without gaps."""
    dense = [np.unique(each, return_inverse=True)[1] for each in clusters]
    if len(dense) == 1:
        return dense[0], (np.arange(int(dense[0].max()) + 1),)
    width = int(dense[1].max()) + 1
    pairs, code = np.unique(dense[0].astype(np.int64) * width + dense[1], return_inverse=True)
    return code, (pairs // width, pairs % width)


def _label(name: str, slot: int) -> Label:
    return Label(
        attribute="slot",
        contrast=f"{slot} / 1",
        outcome=name,
        estimand="examination",
        design="exploration",
        estimator="ratio of means",
        population="exploration traffic",
        identification="randomized",
        segment="slot",
        segment_value=str(slot),
    )


def _refusal(clusters: int, mean: float, error: float) -> str:
    if clusters < FEWEST_CLUSTERS:
        return f"{clusters} clusters; at least {FEWEST_CLUSTERS} are needed"
    if abs(mean) < FIRST_SLOT * error:
        return "too little was had of the first slot to hold others against it"
    return ""


def _too_few(outcome: FloatArray) -> str:
    """Why the mean of one slot has no error that could be told."""
    had = int((outcome != 0).sum())
    if had < FEWEST_ROWS:
        return f"{had} rows of this place have any; at least {FEWEST_ROWS} are needed"
    return "all rows of this place have the same" if np.ptp(outcome) == 0 else ""


def _refuse(outcome: FloatArray, slot: IntArray) -> None:
    if not outcome.size or not np.isfinite(outcome).all():
        raise DataError(
            f"{int((~np.isfinite(outcome)).sum())} of {outcome.size} exploration rows have no "
            "outcome. Leave those rows out, and check that there is exploration traffic."
        )
    if slot.min() != 1:
        raise DataError(
            f"Slots start at {slot.min()}; the first place must be 1. Add one where they count from "
            "zero, or look for missing first places."
        )
    if slot.max() == 1:
        raise DesignError(
            "All exploration rows are in the first slot: there is nothing to compare."
        )
