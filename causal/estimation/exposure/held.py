"""What a unit of exposure is worth while what else the arms changed is held: a set by projection.

Where arms move the slate as well, their effects on an outcome are b times those on exposure plus c
times those on the slate. A value b is kept when some c makes y - b d - c s as near zero as chance allows
(Anderson, Rubin 1949, projected: Dufour, Taamouti 2005). That holds however weak the arms are, and is wide;
one arm cannot tell the two apart, since for every b there is a c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError
from causal.data.panel import FloatArray
from causal.estimation.exposure.anderson_rubin import (
    NODES,
    Effects,
    Kind,
    crossed,
    directions,
    lowest,
    pieces,
    quantile,
    statistics,
)

INNER = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slate:
    """Effects of k arms on one column of the slate, and how they go with those of :class:`Effects`.

    Attributes
    ----------
    s
        Shape (k,).
    ss, ys, ds
        Covariances: its own, of the outcome's (rows) with it, of the exposure's (rows) with it; (k, k).
    """

    s: FloatArray
    ss: FloatArray
    ys: FloatArray
    ds: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Values of one more unit of exposure that are consistent with the data, the slate held.

    ``refusal`` says why there is no set, of kind None then.
    """

    kind: Kind | None
    intervals: tuple[tuple[float, float], ...]
    refusal: str = ""

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.intervals)


def held(moved: Effects, slate: Slate, *, level: float) -> Held:
    """The set with one column of the slate held.

    Parameters
    ----------
    moved
        Effects of k arms on the outcome and on exposure.
    slate
        Their effects on the slate.
    level
        Of the set; it covers at least as often.

    Raises
    ------
    DesignError
        With one arm besides the control, or too few clusters.
    """
    k = moved.y.size
    if k < 2:
        raise DesignError(
            "analysis.exclusion: one arm moved exposure and the slate by one and the same push, so "
            "nothing tells which of the two did it. Two arms or more that move them differently are "
            "needed; with 'report' the worth is that of the whole change."
        )
    critical = quantile(k, moved.clusters, level)
    scale = float(np.sqrt(np.trace(moved.yy) / np.trace(moved.dd)))

    def statistic(angle: float) -> float:
        return float(_scanned(_without(moved, slate, angle, scale), critical)[1].min())

    def least(angle: float) -> float:
        return _least(_without(moved, slate, angle, scale), critical)

    even = np.linspace(-np.pi / 2, np.pi / 2, NODES + 1)
    values = np.array([statistic(angle) for angle in even])
    best = lowest(least, even, values)
    at = int(np.searchsorted(even, best))
    angles, values = np.insert(even, at, best), np.insert(values, at, statistic(best))
    kind, ends = crossed(statistic, angles, values, critical)
    return Held(kind=kind, intervals=pieces(kind, [float(scale * np.tan(end)) for end in ends]))


def _without(moved: Effects, slate: Slate, angle: float, scale: float) -> Effects:
    """The outcome less its exposure in one direction, as an outcome of the slate."""
    c, s = float(np.cos(angle)), float(scale * np.sin(angle))
    both = moved.yd + moved.yd.T
    return Effects(
        y=c * moved.y - s * moved.d,
        d=slate.s,
        yy=c * c * moved.yy - c * s * both + s * s * moved.dd,
        yd=c * slate.ys - s * slate.ds,
        dd=slate.ss,
        clusters=moved.clusters,
    )


def _scanned(rest: Effects, critical: float) -> tuple[FloatArray, FloatArray]:
    """The test at weights of the slate, among them some under the quantile where any are."""
    angles = directions(rest, _scale(rest), critical, INNER)
    return angles, statistics(rest, _scale(rest), angles)


def _scale(rest: Effects) -> float:
    return float(np.sqrt(np.trace(rest.yy) / np.trace(rest.dd)))


def _least(rest: Effects, critical: float) -> float:
    """The least of the test over all weights of the slate."""
    scale, (angles, values) = _scale(rest), _scanned(rest, critical)

    def statistic(angle: float) -> float:
        return float(statistics(rest, scale, np.array([angle]))[0])

    return min(float(values.min()), statistic(lowest(statistic, angles, values)))
