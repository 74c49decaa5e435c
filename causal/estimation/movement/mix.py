"""Mix and rate: how much of a move is other segments, and how much other rates within them.

With shares w and rates r of each segment before (0) and after (1) and the metric M = sum of w r,

    mix of s  = (w1 - w0) ((r0 + r1) / 2 - (M0 + M1) / 2)
    rate of s = (r1 - r0) (w0 + w1) / 2

add up to M1 - M0 exactly: nothing is left over, and neither period is the base (the midpoint form of
Kitagawa 1955, and of Oaxaca 1973 and Blinder 1973 with pooled weights). Measuring a segment's rate
against the metric's own level changes no sum, since shares add up to one, and lets one segment's mix
be read alone. The form with three terms takes the period before as its base:

    mix (w1 - w0) (r0 - M0), rate w0 (r1 - r0), interaction (w1 - w0) (r1 - r0).

A segment that one period lacks has the rate of the other there: all of it is mix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from causal.data.movement.sums import SegmentSums, Spread
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment.effects import root

MIX, RATE, INTERACTION = "mix", "rate", "interaction"
MOVE, BEYOND = "move", "beyond the whole"
DESIGN = "two periods"
FEWEST = 10
FEW = f"one period has fewer than {FEWEST} clusters (rows, without any) of it"
PRIOR = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parts:
    """Shares and rates, shape (..., 2, segments), and the metric, shape (..., 2)."""

    share: FloatArray
    rate: FloatArray
    mean: FloatArray


def mix_rate(sums: SegmentSums, *, interaction: bool = False) -> Estimates:
    """Split a move into mix and rate of every segment, and their totals.

    Parameters
    ----------
    sums
        One outcome, cut one way.
    interaction
        The form with three terms.

    Returns
    -------
    Estimates
        The parts (``segment`` is the part, ``segment_value`` the number of the segment, or nothing
        for its total over segments): all mix, all rate, (all interaction), then the totals in the
        same order, then the move. Errors are those of linearised sums of clusters; a segment in
        which a period has fewer than 10 of them has none.
    """
    at = _parts(sums.top, sums.bottom)
    parts = (MIX, RATE, INTERACTION) if interaction else (MIX, RATE)
    split = _three if interaction else _two
    values = _flat(split(at))
    rows = [
        (spread.sign, _flat(_moved(split, at, _slopes(sums, at, spread)))) for spread in sums.spread
    ]
    values, rows = (
        _with_totals(values, len(parts)),
        [(sign, _with_totals(each, len(parts))) for sign, each in rows],
    )
    few = np.flatnonzero(((sums.counts > 0) & (sums.counts < FEWEST)).any(axis=0))
    for _, each in rows:
        each[:, [k * len(sums.values) + s for k in range(len(parts)) for s in few]] = 0.0
    labels = [_label(sums, part, str(s)) for part in parts for s in range(len(sums.values))]
    labels += [_label(sums, part, None) for part in parts] + [_label(sums, MOVE, None)]
    return _estimates(sums, labels, values, _spread(sums, rows))


def beyond(sums: SegmentSums) -> Estimates:
    """How much the rate of each segment moved beyond the whole metric: where something happened.

    What few clusters of a segment show of how they vary may be nothing at all, as where all ten of
    them have no event: their variance is then that of clusters of the whole. The two are averaged
    by what carries them, and the larger of that and the own one counts (as variances of few arrays
    are moderated by Smyth 2004).

    Returns
    -------
    Estimates
        r1 - r0 - (M1 - M0) by segment; refused where a period has fewer than 10 clusters of it.
    """
    at = _parts(sums.top, sums.bottom)
    rows = [(spread.sign, _moved(_beyond, at, _slopes(sums, at, spread))) for spread in sums.spread]
    labels = [_label(sums, BEYOND, str(s)) for s in range(len(sums.values))]
    there = sums.bottom.min(axis=0) > 0
    enough = sums.counts.min(axis=0) >= FEWEST
    refusal = tuple(
        "" if many else FEW if some else "one period has no row of it"
        for some, many in zip(there.tolist(), enough.tolist(), strict=True)
    )
    v = _spread(sums, rows)
    carried, usual = _carried(sums)
    own = np.diag(v)
    larger = np.maximum(own, (carried * own + PRIOR * usual) / (carried + PRIOR))
    found = _estimates(sums, labels, _beyond(at), v + np.diag(larger - own), refusal)
    return replace(found, df=np.minimum(found.df, carried + PRIOR))


def _carried(sums: SegmentSums) -> tuple[FloatArray, FloatArray]:
    """Degrees of freedom of each segment's own variance, and the variance by that of the whole."""
    whole = sums.bottom.sum(axis=1, keepdims=True)
    safe = np.where(sums.bottom > 0, sums.bottom, np.nan)
    df, usual = [], []
    for spread in sums.spread:
        if spread.sign < 0:
            continue
        off = spread.top - sums.means[:, None] * spread.bottom
        square = (off**2).sum(axis=(0, 2))[:, None] / whole
        usual.append((square / safe * (1 - sums.bottom / whole)).sum(axis=0))
        df.append((spread.counts * spread.evenness(sums.means)[:, None] / 2).min(axis=0))
    return np.min(df, axis=0), np.nan_to_num(np.max(usual, axis=0))


def _parts(top: FloatArray, bottom: FloatArray) -> _Parts:
    whole = bottom.sum(axis=-1, keepdims=True)
    there = bottom > 0
    rate = np.divide(top, bottom, out=np.zeros_like(top), where=there)
    rate = np.where(there, rate, rate[..., ::-1, :])
    return _Parts(share=bottom / whole, rate=rate, mean=(top.sum(axis=-1) / whole[..., 0]))


def _slopes(sums: SegmentSums, at: _Parts, spread: Spread) -> _Parts:
    """What shares, rates and the metric move by with each group: their derivatives along its sums."""
    top, bottom = spread.top, spread.bottom
    there = sums.bottom > 0
    safe = np.where(there, sums.bottom, 1.0)
    whole = sums.bottom.sum(axis=1)
    rate = np.where(there, (top - at.rate * bottom) / safe, 0.0)
    rate = np.where(there, rate, rate[:, ::-1])
    share = (bottom - at.share * bottom.sum(axis=2, keepdims=True)) / whole[:, None]
    mean = (top.sum(axis=2) - at.mean * bottom.sum(axis=2)) / whole
    return _Parts(share=share, rate=rate, mean=mean)


def _two(at: _Parts) -> FloatArray:
    """Mix and rate of every segment, shape (..., 2, segments)."""
    more = at.share[..., 1, :] - at.share[..., 0, :]
    better = at.rate[..., 1, :] - at.rate[..., 0, :]
    against = at.rate.mean(axis=-2) - at.mean.mean(axis=-1, keepdims=True)
    return np.stack([more * against, better * at.share.mean(axis=-2)], axis=-2)


def _three(at: _Parts) -> FloatArray:
    """Mix, rate and interaction of every segment, shape (..., 3, segments)."""
    more = at.share[..., 1, :] - at.share[..., 0, :]
    better = at.rate[..., 1, :] - at.rate[..., 0, :]
    against = at.rate[..., 0, :] - at.mean[..., 0:1]
    return np.stack([more * against, at.share[..., 0, :] * better, more * better], axis=-2)


def _beyond(at: _Parts) -> FloatArray:
    moved = at.mean[..., 1:2] - at.mean[..., 0:1]
    return np.asarray(at.rate[..., 1, :] - at.rate[..., 0, :] - moved)


def _moved(function: Callable[[_Parts], FloatArray], at: _Parts, slope: _Parts) -> FloatArray:
    """The derivative of a function of parts along the slope of every group.

    By a complex step, which loses no digit (Squire, Trapp 1998).
    """
    step = 1e-30
    moved = _Parts(
        share=at.share + 1j * step * slope.share,
        rate=at.rate + 1j * step * slope.rate,
        mean=at.mean + 1j * step * slope.mean,
    )
    return np.asarray(function(moved).imag / step)


def _flat(parts: FloatArray) -> FloatArray:
    return parts.reshape(*parts.shape[:-2], -1)


def _with_totals(values: FloatArray, parts: int) -> FloatArray:
    """With the sum of each part over segments, and the sum of all."""
    totals = values.reshape(*values.shape[:-1], parts, -1).sum(axis=-1)
    return np.concatenate([values, totals, totals.sum(axis=-1, keepdims=True)], axis=-1)


def _spread(sums: SegmentSums, rows: list[tuple[int, FloatArray]]) -> FloatArray:
    """Covariance by the influence of groups of every way, shape (parts, parts)."""
    v = np.zeros((rows[0][1].shape[1],) * 2)
    for (sign, influence), spread in zip(rows, sums.spread, strict=True):
        v += sign * (influence.T @ influence) * spread.groups / max(spread.groups - 1, 1)
    return v


def _estimates(
    sums: SegmentSums,
    labels: list[Label],
    values: FloatArray,
    v: FloatArray,
    refusal: tuple[str, ...] = (),
) -> Estimates:
    p = len(labels)
    groups = min(spread.groups for spread in sums.spread)
    clusters = min(sums.clusters)
    units = int(sums.rows.sum())
    size = Size(units=units, clusters=clusters, treated=None, effective_units=float(clusters))
    alone = "" if clusters > 1 else "one cluster has no error"
    return Estimates(
        labels=tuple(labels),
        sizes=(size,) * p,
        values=values,
        influence=root(v),
        ways=(),
        df=np.full(p, float(groups - 1)),
        baseline=np.full(p, float(sums.means[0])),
        baseline_variance=np.zeros((p, 2)),
        refusal=tuple(each or alone for each in (refusal or ("",) * p)),
    )


def _label(sums: SegmentSums, part: str, value: str | None) -> Label:
    return Label(
        attribute=" x ".join(sums.columns) or "all rows",
        contrast="after - before",
        outcome=sums.outcome,
        estimand="share of the move" if part not in (MOVE, BEYOND) else "difference",
        design=DESIGN,
        estimator="mix and rate",
        population="both periods",
        identification="descriptive",
        segment=part,
        segment_value=value,
    )
