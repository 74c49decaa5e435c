"""Moments: counts, means and scatter of the columns of an experiment, which merge exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """What is known of k columns in each of A arms and S strata.

    A *sampling unit* is what was drawn independently: the unit, or the cluster where whole clusters
    were assigned; its columns are then totals over its units.

    Attributes
    ----------
    arms
        Names; the control first.
    strata
        For each stratum its values, one for each column that makes strata; one empty tuple without.
    columns
        Names of the k columns.
    units
        Units, shape (A, S).
    n
        Sampling units, shape (A, S).
    mean
        Over sampling units, shape (A, S, k); zero where there are none.
    scatter
        Centred sums of products over sampling units, shape (A, S, k, k); NaN for a pair that
        nobody asked for.
    """

    arms: tuple[str, ...]
    strata: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    units: IntArray
    n: IntArray
    mean: FloatArray
    scatter: FloatArray

    def position(self, column: str) -> int:
        """Where a column is."""
        return self.columns.index(column)

    def covariance(self) -> FloatArray:
        """Sample covariance, shape (A, S, k, k); NaN with fewer than two sampling units."""
        with np.errstate(all="ignore"):
            over = np.where(self.n > 1, self.n - 1, np.nan)
            return np.asarray(self.scatter / over[:, :, None, None])


def merged(parts: Sequence[Moments]) -> Moments:
    """Add up moments of disjoint parts with the same arms, strata and columns.

    Pairwise updates of Chan, Golub, LeVeque (1983, American Statistician), from left to right: in
    one order the result is the same to the bit, in any order the same to rounding.

    Examples
    --------
    >>> from causal.data.moments.rows import moments_of
    >>> x, arm = np.array([[1.0], [2.0], [6.0], [7.0]]), np.array([0, 0, 0, 0])
    >>> names = {"arms": ("A",), "columns": ("y",)}
    >>> both = merged([moments_of(arm[:2], x[:2], **names), moments_of(arm[2:], x[2:], **names)])
    >>> both.mean.ravel().tolist(), both.scatter.ravel().tolist()
    ([4.0], [26.0])
    """
    whole = parts[0]
    for part in parts[1:]:
        whole = _added(whole, part)
    return whole


def _added(one: Moments, other: Moments) -> Moments:
    n = one.n + other.n
    with np.errstate(all="ignore"):
        share = np.where(n > 0, other.n / n, 0.0)[:, :, None]
        apart = np.where((one.n > 0)[:, :, None], other.mean - one.mean, 0.0)
        mean = np.where((one.n > 0)[:, :, None], one.mean + apart * share, other.mean)
    between = apart[..., :, None] * apart[..., None, :] * (one.n[:, :, None] * share)[..., None]
    return Moments(
        arms=one.arms,
        strata=one.strata,
        columns=one.columns,
        units=one.units + other.units,
        n=n,
        mean=mean,
        scatter=one.scatter + other.scatter + between,
    )


def marginal(moments: Moments, keep: Sequence[int]) -> Moments:
    """Add up strata that agree in the kept places of their values, in order of first appearance."""
    kept = [tuple(values[at] for at in keep) for values in moments.strata]
    names = list(dict.fromkeys(kept))
    parts = [
        _of_strata(moments, [i for i, own in enumerate(kept) if own == name]) for name in names
    ]
    return Moments(
        arms=moments.arms,
        strata=tuple(names),
        columns=moments.columns,
        units=np.stack([part.units[:, 0] for part in parts], axis=1),
        n=np.stack([part.n[:, 0] for part in parts], axis=1),
        mean=np.stack([part.mean[:, 0] for part in parts], axis=1),
        scatter=np.stack([part.scatter[:, 0] for part in parts], axis=1),
    )


def of_arms(moments: Moments, at: Sequence[int]) -> Moments:
    """Only the arms at these positions, in this order."""
    which = list(at)
    return Moments(
        arms=tuple(moments.arms[i] for i in which),
        strata=moments.strata,
        columns=moments.columns,
        units=moments.units[which],
        n=moments.n[which],
        mean=moments.mean[which],
        scatter=moments.scatter[which],
    )


def _of_strata(moments: Moments, which: Sequence[int]) -> Moments:
    """Some strata as one without a name."""
    return merged([strata(moments, [i], [()]) for i in which])


def strata(
    moments: Moments, which: Sequence[int], names: Sequence[tuple[str, ...]] | None = None
) -> Moments:
    """Some of the strata, by position; under other names where these are given."""
    index = np.asarray(which, dtype=int)
    return Moments(
        arms=moments.arms,
        strata=tuple(moments.strata[i] for i in which) if names is None else tuple(names),
        columns=moments.columns,
        units=moments.units[:, index],
        n=moments.n[:, index],
        mean=moments.mean[:, index],
        scatter=moments.scatter[:, index],
    )
