"""What one unit of exposure is worth: every value that the data do not refuse (Anderson, Rubin 1949).

If exposure is worth b, an instrument's effect on the outcome is b times its effect on the exposure.
The set holds all b for which y - b d is as near zero as chance allows, with the variance at that very
b. It covers however little the instruments move the exposure, and is then unbounded; with one
instrument it is the set of Fieller (1954), with several it may be empty: they contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import sums
from causal.estimation.experiment.fieller import relative

Kind = Literal["bounded", "rays", "whole line", "empty"]
STRONG = 10.0
"""First-stage F from which a point is shown (Staiger, Stock 1997); the set holds without it."""
FEWEST_CLUSTERS = 5
NODES = 400
EXACT = 1e-18
"""A squared error this small a part of the squared effect is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """Effects of k instruments on an outcome and on an exposure.

    Attributes
    ----------
    y, d
        Shape (k,).
    yy, yd, dd
        Their covariances, shape (k, k); row of ``yd``: the outcome's.
    clusters
        How many independent pieces the covariances come from.
    cross
        Cross product of the instruments, shape (k, k), for the effective F; None: unknown, and F is
        the joint test over its degrees of freedom.
    """

    y: FloatArray
    d: FloatArray
    yy: FloatArray
    yd: FloatArray
    dd: FloatArray
    clusters: float
    cross: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Values of one more unit of exposure that are consistent with the data.

    Attributes
    ----------
    kind
        Bounded; rays (all but a stretch); the whole line; or empty.
    intervals
        Pieces of the set from left to right, -inf and inf at open ends.
    best
        The value that the instruments contradict least; with one instrument the ratio.
    first_stage
        F of the instruments on the exposure; effective F (Montiel Olea, Pflueger 2013) where the
        instruments' cross product is known; inf where the exposure is the instrument itself.
    contradiction
        p-value of all instruments telling the same; NaN with one.
    why_no_point
        Why ``best`` must not be printed as an estimate; empty when it may be.
    """

    kind: Kind
    intervals: tuple[tuple[float, float], ...]
    best: float
    first_stage: float
    contradiction: float
    why_no_point: str

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.intervals)

    @property
    def point(self) -> float | None:
        """The estimate, where one may be printed."""
        return None if self.why_no_point else self.best


def worth(effects: Effects, *, level: float) -> Worth:
    """The Anderson-Rubin set.

    Raises
    ------
    DesignError
        With fewer clusters than instruments and four.
    DataError
        When an effect or a covariance is missing, or nothing varies.

    Examples
    --------
    >>> one = {"yy": np.array([[0.04]]), "yd": np.array([[0.01]]), "dd": np.array([[0.01]])}
    >>> strong = Effects(y=np.array([1.0]), d=np.array([2.0]), **one, clusters=1000)
    >>> found = worth(strong, level=0.95)
    >>> found.kind, np.round(found.intervals, 3).tolist(), round(found.first_stage)
    ('bounded', [[0.317, 0.673]], 400)
    >>> weak = Effects(y=np.array([1.0]), d=np.array([0.1]), **one, clusters=1000)
    >>> worth(weak, level=0.95).why_no_point
    'the instrument moves the exposure too little (F 1.0, 10 is asked)'
    """
    _refuse(effects)
    if effects.y.size == 1:
        return _one(effects, level)
    return _several(_held(effects), level)


def of_rows(scores_y: FloatArray, scores_d: FloatArray, cross: FloatArray | None = None) -> Effects:
    """Effects from scores of clusters, with variances centred over clusters.

    At every b the variance is that of the clusters' scores of y - b d themselves, so the null is
    imposed; residuals of an unrestricted fit cover too seldom with few clusters.

    Parameters
    ----------
    scores_y, scores_d
        Sums over each cluster of instrument times outcome, and times exposure, all three without
        what covariates explain; shape (clusters, k).
    cross
        Cross product of the instruments, shape (k, k).
    """
    groups = scores_y.shape[0]
    factor = groups / max(groups - 1, 1)
    y, d = scores_y - scores_y.mean(axis=0), scores_d - scores_d.mean(axis=0)
    return Effects(
        y=scores_y.sum(axis=0),
        d=scores_d.sum(axis=0),
        yy=factor * y.T @ y,
        yd=factor * y.T @ d,
        dd=factor * d.T @ d,
        clusters=float(groups),
        cross=cross,
    )


def from_rows(
    outcome: FloatArray,
    exposure: FloatArray,
    instruments: FloatArray,
    cluster: IntArray,
    covariates: FloatArray | None = None,
    strata: IntArray | None = None,
) -> Effects:
    """Effects of instruments in a table of n rows, given covariates and a constant.

    Parameters
    ----------
    outcome, exposure
        Shape (n,).
    instruments
        Shape (n, k).
    cluster
        Code from 0 of what was assigned together or is alike, shape (n,).
    covariates
        Shape (n, p), or None.
    strata
        Code from 0 of the stratum within which rows are compared, shape (n,); None: all with all.

    Raises
    ------
    DataError
        When a value is missing, or the exposure or an instrument does not vary.
    """
    n = outcome.size
    known = np.empty((n, 0)) if covariates is None else covariates
    table = np.column_stack([outcome, exposure, instruments])
    if not (np.isfinite(table).all() and np.isfinite(known).all()):
        raise DataError(
            "An outcome, exposure, instrument or covariate has no value in some rows. Leave those "
            "rows out, or fill the covariates."
        )
    spread = np.abs(table).max(axis=0)
    stratum = np.zeros(n, dtype=np.int64) if strata is None else strata
    table, known = _centred(table, stratum), _centred(known, stratum)
    table = table - known @ np.linalg.lstsq(known, table, rcond=None)[0]
    if (np.abs(table[:, 1:]).max(axis=0) <= 1e-10 * np.maximum(spread[1:], 1e-300)).any():
        raise DataError(
            "The exposure or an instrument does not vary once the covariates are known. Look at "
            "the column, or leave out the covariate that says the same."
        )
    y, d, z = table[:, :1], table[:, 1:2], table[:, 2:]
    groups = int(cluster.max()) + 1
    return of_rows(sums(z * y, cluster, groups), sums(z * d, cluster, groups), z.T @ z)


def _centred(columns: FloatArray, stratum: IntArray) -> FloatArray:
    """Columns minus their means within strata."""
    groups = int(stratum.max()) + 1
    rows = np.maximum(np.bincount(stratum, minlength=groups), 1)
    return columns - (sums(columns, stratum, groups) / rows[:, None])[stratum]


def _one(effects: Effects, level: float) -> Worth:
    from scipy.stats import t as student

    y, d, dd = float(effects.y[0]), float(effects.d[0]), float(effects.dd[0, 0])
    sign = -1.0 if d < 0 else 1.0
    found = relative(
        sign * y, abs(d),
        variance=float(effects.yy[0, 0]), baseline_variance=dd, covariance=float(effects.yd[0, 0]),
        critical=float(student.ppf((1 + level) / 2, effects.clusters - 1)),
    )  # fmt: skip
    kind: Kind = "rays" if found.shape == "two rays" else found.shape
    ends = [] if found.low is None or found.high is None else [found.low, found.high]
    return _made(kind, pieces(kind, ends), found.value, _f(effects), float("nan"))


def _several(effects: Effects, level: float) -> Worth:
    """By directions: b = scale tan t, of which both open ends are the direction pi / 2."""
    from scipy.stats import f as fisher

    k = effects.y.size
    critical = quantile(k, effects.clusters, level)
    scale = float(np.sqrt(np.trace(effects.yy) / np.trace(effects.dd)))

    def statistic(angle: float) -> float:
        return float(statistics(effects, scale, np.array([angle]))[0])

    angles = directions(effects, scale, critical)
    values = statistics(effects, scale, angles)
    kind, ends = crossed(statistic, angles, values, critical)
    nearest = lowest(statistic, angles, values)
    ratio = (effects.clusters - k + 1) / ((k - 1) * (effects.clusters - 1))
    apart = float(fisher.sf(statistic(nearest) * ratio, k - 1, effects.clusters - k + 1))
    best = float(scale * np.tan(nearest))
    ends = [float(scale * np.tan(end)) for end in ends]
    return _made(kind, pieces(kind, ends), best, _f(effects), apart)


def quantile(instruments: int, clusters: float, level: float) -> float:
    """What the test of k instruments may reach (Hotelling's reference)."""
    from scipy.stats import f as fisher

    free = clusters - instruments
    stretch = instruments * (clusters - 1) / free
    return stretch * float(fisher.ppf(level, instruments, free))


def crossed(
    statistic: Callable[[float], float], angles: FloatArray, values: FloatArray, critical: float
) -> tuple[Kind, list[float]]:
    """What kind of set lies under a quantile, and the directions at which it ends."""
    from scipy.optimize import brentq

    inside = values <= critical
    crossings = np.flatnonzero(inside[1:] != inside[:-1])
    roots = [brentq(lambda t: statistic(t) - critical, angles[i], angles[i + 1]) for i in crossings]
    if inside[0]:
        return ("rays" if roots else "whole line"), roots
    return ("bounded" if roots else "empty"), roots


def lowest(statistic: Callable[[float], float], angles: FloatArray, values: FloatArray) -> float:
    """The direction that the instruments contradict least."""
    from scipy.optimize import minimize_scalar

    least, width = float(angles[int(values.argmin())]), np.pi / NODES
    found = minimize_scalar(
        statistic, bounds=(least - width, least + width), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    return float(found.x)


def statistics(effects: Effects, scale: float, angles: FloatArray) -> FloatArray:
    """The test at each direction: g' V^-1 g, with g = cos y - scale sin d and V its covariance."""
    c, s = np.cos(angles), scale * np.sin(angles)
    g = c[:, None] * effects.y - s[:, None] * effects.d
    both = effects.yd + effects.yd.T
    v = (
        (c * c)[:, None, None] * effects.yy
        - (c * s)[:, None, None] * both
        + (s * s)[:, None, None] * effects.dd
    )
    return np.einsum("nk,nk->n", g, np.linalg.solve(v, g[..., None])[..., 0])


def directions(effects: Effects, scale: float, critical: float, nodes: int = NODES) -> FloatArray:
    """Directions between which the set has at most one end, from -pi / 2 to pi / 2.

    det(V) (g' V^-1 g - critical) has degree k in cos 2t and sin 2t, so 2k + 1 values give it whole.
    Its zeros, those off the real line too, are where a short piece could hide between even nodes.
    """
    k = effects.y.size
    even = np.pi * np.arange(2 * k + 1) / (2 * k + 1)
    c, s = np.cos(even), scale * np.sin(even)
    both = effects.yd + effects.yd.T
    v = (
        (c * c)[:, None, None] * effects.yy
        - (c * s)[:, None, None] * both
        + (s * s)[:, None, None] * effects.dd
    )
    size = np.sqrt(np.diag(effects.yy) + scale**2 * np.diag(effects.dd))
    values = np.linalg.det(v / np.outer(size, size)) * (statistics(effects, scale, even) - critical)
    turned = np.fft.fftshift(np.fft.fft(values))
    zeros = np.sort(np.angle(np.roots(turned[::-1])) / 2)
    ordered = np.concatenate([zeros, (zeros[1:] + zeros[:-1]) / 2])
    return np.unique(np.concatenate([np.linspace(-np.pi / 2, np.pi / 2, nodes + 1), ordered]))


def _held(effects: Effects) -> Effects:
    """The same, with a little variance for exposures that are the instruments themselves."""
    least = EXACT * effects.d**2
    extra = np.diag(np.maximum(least - np.diag(effects.dd), 0.0))
    return replace(effects, dd=effects.dd + extra) if extra.any() else effects


def pieces(kind: Kind, ends: list[float]) -> tuple[tuple[float, float], ...]:
    """Pieces of a set from left to right, by the values at which it ends."""
    if kind == "empty":
        return ()
    points = list(ends) if kind == "bounded" else [-np.inf, *ends, np.inf]
    return tuple((float(a), float(b)) for a, b in zip(points[::2], points[1::2], strict=True))


def _f(effects: Effects) -> float:
    """First-stage F; effective where the instruments' cross product is known."""
    k, g = effects.d.size, effects.clusters
    if (np.diag(effects.dd) <= EXACT * effects.d**2).all():
        return float("inf")
    if effects.cross is not None and k > 1:
        inverse = np.linalg.inv(effects.cross)
        return float(effects.d @ inverse @ effects.d / np.trace(inverse @ effects.dd))
    whole = float(effects.d @ np.linalg.solve(effects.dd, effects.d))
    return whole * (g - k) / (k * (g - 1))


def _made(
    kind: Kind,
    intervals: tuple[tuple[float, float], ...],
    best: float,
    first_stage: float,
    contradiction: float,
) -> Worth:
    why = ""
    if kind == "empty":
        why = "the instruments contradict each other: no value is consistent with all of them"
    elif first_stage < STRONG:
        why = (
            "the instrument moves the exposure too little "
            f"(F {first_stage:.1f}, {STRONG:.0f} is asked)"
        )
    elif kind != "bounded":
        why = "the values consistent with the data have no bound"
    return Worth(
        kind=kind, intervals=intervals, best=best, first_stage=first_stage,
        contradiction=contradiction, why_no_point=why,
    )  # fmt: skip


def _refuse(effects: Effects) -> None:
    k = effects.y.size
    many = "one instrument" if k == 1 else f"{k} instruments"
    if effects.clusters < k + FEWEST_CLUSTERS - 1:
        raise DesignError(
            f"{effects.clusters:.0f} independent units or clusters are too few for {many}; "
            f"{k + FEWEST_CLUSTERS - 1} are needed. Assign smaller clusters, or use fewer arms."
        )
    parts = (effects.y, effects.d, effects.yy, effects.yd, effects.dd)
    if not all(np.isfinite(each).all() for each in parts):
        raise DataError(
            "An instrument has no effect that can be told: an arm is empty or its values are "
            "missing. Look at the counts of the arms."
        )
    still = (np.diag(effects.dd) <= 0) & (effects.d == 0)
    if np.diag(effects.yy).min() <= 0 or still.any():
        raise DataError(
            "The outcome does not vary within the arms, or the exposure not at all, so nothing can "
            "be said of what it is worth. Look at the two columns."
        )
