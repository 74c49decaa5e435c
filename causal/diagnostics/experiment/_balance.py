"""Are means of columns equal over arms, as they must be of what was there before assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.moments.collected import Part
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray

RANK = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """A joint test that q levels are equal over arms.

    ``statistic`` is F on ``df``, of ``dimensions`` contrasts over ``units`` sampling units;
    ``apart`` (arms - 1, q) is how far each arm is from the control, in standard deviations of a
    sampling unit.
    """

    parts: tuple[Part, ...]
    statistic: float
    df: tuple[float, float]
    p_value: float
    dimensions: int
    units: int
    apart: FloatArray


def balances(moments: Moments, parts: Sequence[Part]) -> tuple[Balance, ...]:
    """Test levels together as far as their products are known, and their rows suffice."""
    groups = _groups(moments, parts)
    few = [_error_df(moments) <= len(group) + 3 for group in groups]
    apart = [
        some
        for group, alone in zip(groups, few, strict=True)
        for some in ([[each] for each in group] if alone else [group])
    ]
    made = [_balance(moments, some) for some in apart]
    return tuple(each for each in made if each is not None)


def _groups(moments: Moments, parts: Sequence[Part]) -> list[list[Part]]:
    """Levels whose products are all known to each other; one without its own square is left out."""
    lost = np.asarray(np.isnan(moments.scatter[moments.n > 1]).any(axis=0))
    places = [_places(moments, part) for part in parts]
    groups: list[list[int]] = []
    for at, own in enumerate(places):
        if lost[np.ix_(own, own)].any():
            continue
        home = next(
            (g for g in groups if not any(lost[np.ix_(own, places[i])].any() for i in g)), None
        )
        if home is None:
            groups.append([at])
        else:
            home.append(at)
    return [[parts[at] for at in group] for group in groups]


def _places(moments: Moments, part: Part) -> list[int]:
    named = (part.numerator, part.denominator)
    return [moments.position(name) for name in named if name is not None]


def _weights(moments: Moments, part: Part) -> FloatArray:
    """Weights of the columns in a level's linearisation around its mean over everyone, (k,)."""
    n = moments.n[:, :, None]
    mean = (n * moments.mean).sum(axis=(0, 1)) / max(int(moments.n.sum()), 1)
    weights = np.zeros(len(moments.columns))
    top, *below = _places(moments, part)
    weights[top] = 1.0
    for at in below:
        weights[at] -= mean[top] / mean[at] if mean[at] else 0.0
    return weights


def _error_df(moments: Moments) -> int:
    return int(np.maximum(moments.n - 1, 0).sum())


def _balance(moments: Moments, parts: Sequence[Part]) -> Balance | None:
    """Multivariate analysis of variance of arms within strata, from cell means.

    The Lawley-Hotelling trace with the F approximation of McKeon (1974, Biometrika 61), exact
    with two arms (Hotelling's T-squared) or one level. With valid assignment every arm has the
    same distribution within a stratum, so one covariance is pooled over arms and strata.
    """
    from scipy.stats import f as fisher

    turn = np.stack([_weights(moments, part) for part in parts])
    means = moments.mean @ turn.T
    inside = np.nan_to_num(moments.scatter[moments.n > 1]).sum(axis=0)
    error, error_df = turn @ inside @ turn.T, float(_error_df(moments))
    size = np.sqrt(np.diag(error))
    if not (size > 0).any() or error_df < 1:
        return None
    scale = np.where(size > 0, size, np.inf)
    arms, slopes = _arms_within_strata(moments, means / scale)
    inverse, rank = _inverse(error / np.outer(scale, scale))
    dof = int(np.linalg.matrix_rank(arms))
    if not dof or not rank:
        return None
    trace = float(np.trace(slopes.T @ arms @ slopes @ inverse))
    factor, df = _mckeon(rank, dof, error_df)
    statistic = trace / factor
    return Balance(
        parts=tuple(parts),
        statistic=statistic,
        df=df,
        p_value=float(fisher.sf(statistic, *df)),
        dimensions=rank * dof,
        units=int(moments.n.sum()),
        apart=slopes * np.sqrt(error_df),
    )


def _arms_within_strata(moments: Moments, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums of squares of arms less the control's, (A-1, A-1), and their slopes (A-1, q)."""
    n = moments.n.astype(float)
    total = np.maximum(n.sum(axis=0), 1.0)
    arms = len(moments.arms)
    share = n / total
    cell = np.eye(arms)[:, None, :] - share.T[None]  # (A, S, A): an arm, less its stratum's share
    cell = cell[:, :, 1:]
    squares = np.einsum("as,asi,asj->ij", n, cell, cell)
    products = np.einsum("as,asi,asq->iq", n, cell, means)
    return squares, np.linalg.pinv(squares, hermitian=True) @ products


def _inverse(error: FloatArray) -> tuple[FloatArray, int]:
    """Pseudo-inverse of a correlation-like matrix, and its rank."""
    values, vectors = np.linalg.eigh(error)
    kept = values > RANK
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T), int(kept.sum())


def _mckeon(p: int, m: int, n: float) -> tuple[float, tuple[float, float]]:
    """What to divide the trace by, and the degrees of freedom of F.

    Of ``p`` levels, ``m`` contrasts of arms and ``n`` degrees of freedom of error.

    >>> factor, df = _mckeon(3, 1, 20.0)  # Hotelling: p / (n - p + 1)
    >>> round(factor * 18 / 3, 9), [round(each, 9) for each in df]
    (1.0, [3.0, 18.0])
    """
    if p == 1:
        return m / n, (float(m), n)
    spread = (n + m - p - 1) * (n - 1) / ((n - p - 3) * (n - p))
    a = float(p * m)
    b = 4 + (a + 2) / (spread - 1)
    return a * (b - 2) / (b * (n - p - 1)), (a, b)
