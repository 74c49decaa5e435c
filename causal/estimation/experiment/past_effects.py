"""True effects across past experiments, of which only noisy measurements are known.

True effects of experiment k on d metrics are drawn from N(mu, S), and measured with errors from
N(0, V_k), V_k known. The covariance of *measured* effects is S plus noise, so weights learned from
it are wrong; S itself is what relates metrics (Bibaut, Chou, Ejdemyr, Kallus 2024).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray

FREEDOM = 5.0
"""Degrees of freedom of the proposals: heavier in the tails than what is looked for."""
WIDER = 1.3
FEWEST = 50.0
"""Fewest effective draws; an experiment that is left out with fewer is learned without anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """What mu and S may be: m weighted draws of S, with mu normal given each.

    Attributes
    ----------
    covariance
        S, shape (d, d, m).
    mean, spread
        Of mu given S, shapes (d, m) and (d, d, m).
    weight
        Adding to one, shape (m,).
    """

    covariance: FloatArray
    mean: FloatArray
    spread: FloatArray
    weight: FloatArray

    @property
    def effective(self) -> float:
        """How many equal draws these are worth."""
        return float(1 / (self.weight**2).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """What past experiments say: with all of them, and ``without`` each group."""

    whole: Draws
    without: tuple[Draws, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Measured:
    """Effects (n, d) in standard deviations, errors (n, d, d), and the group of each row (n,).

    Rows of one group count together as one: their errors and their true effects are alike.
    """

    effects: FloatArray
    covariance: FloatArray
    group: IntArray

    @property
    def size(self) -> int:
        return self.effects.shape[1]

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1

    @property
    def counts(self) -> FloatArray:
        """How much each row counts, shape (n,)."""
        return np.asarray(1 / np.bincount(self.group)[self.group])

    def without(self, group: int) -> _Measured:
        rest = self.group != group
        return _Measured(
            effects=self.effects[rest],
            covariance=self.covariance[rest],
            group=self.group[rest] - (self.group[rest] > group),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placed:
    """Draws of S as they were proposed, shape (d, d, m).

    ``log_weight`` (m,) is minus the log density of S that proposed them.
    """

    covariance: FloatArray
    log_weight: FloatArray


def learn(
    effects: FloatArray, covariance: FloatArray, group: IntArray, *, seed: int, left_out: bool
) -> Learned:
    """Draw what the mean and the covariance of true effects may be, given past experiments.

    The prior is flat in mu and p(S) ~ prod |S + V_k|^(-1/n). Without any measurement error the
    prediction of one metric from the others is then exactly that of least squares with its t
    distribution on n - d degrees of freedom. Draws of S are weighted by the density with mu
    integrated out (importance sampling in the logarithms of its Cholesky factor, twice adapted).

    Parameters
    ----------
    effects, covariance
        Shapes (n, d) and (n, d, d).
    group
        Rows that count together as one, shape (n,).
    seed
        Of the draws.
    left_out
        Whether it is also learned without each group.
    """
    scale = effects.std(axis=0, ddof=1)
    measured = _Measured(
        effects=effects / scale, covariance=covariance / np.outer(scale, scale), group=group
    )
    rng = stream(seed, "past effects")
    noise = rng.standard_normal((3, *_shape(group.size, effects.shape[1])))
    heavy = np.sqrt(rng.chisquare(FREEDOM, noise.shape[:2]) / FREEDOM)
    steps = noise / heavy[:, :, None]
    placed = _proposed(measured, steps)
    if not left_out:
        total = _total(placed.covariance, measured)
        return Learned(whole=_weighted(total, measured.groups, placed, scale), without=())
    sums = _by_group(placed.covariance, measured)
    total = sums.sum(axis=2)
    found = [
        _weighted(total - sums[:, :, each], measured.groups - 1, placed, scale)
        for each in range(measured.groups)
    ]
    for each, draws in enumerate(found):
        if draws.effective < FEWEST:
            fewer = measured.without(each)
            anew = _proposed(fewer, steps)
            sums_anew = _total(anew.covariance, fewer)
            found[each] = _weighted(sums_anew, fewer.groups, anew, scale)
    return Learned(whole=_weighted(total, measured.groups, placed, scale), without=tuple(found))


def _shape(rows: int, d: int) -> tuple[int, int]:
    """How many draws, fewer where the rows are many, and of how many numbers."""
    draws = int(np.clip(60_000 // rows, 400, 1_000))
    return (1 if d < 4 else 2) * draws, d * (d + 1) // 2


def _proposed(measured: _Measured, steps: FloatArray) -> _Placed:
    """Draws around the mode, then twice around what the last ones say."""
    place, spread = _mode(measured)
    d = measured.size
    for stage, step in enumerate(steps):
        root = np.linalg.cholesky(WIDER * spread)
        x = place + step @ root.T
        p = x.shape[1]
        proposed = (FREEDOM + p) / 2 * np.log1p((step**2).sum(axis=1) / FREEDOM)
        placed = _Placed(covariance=_covariances(x, d), log_weight=proposed + _jacobian(x, d))
        if stage == len(steps) - 1:
            break
        total = _total(placed.covariance, measured)
        logs = _log_density(total, measured.groups, d)[0] + placed.log_weight
        weight = _normalised(np.minimum(logs, np.sort(logs)[-max(5, logs.size // 100)]))
        place = weight @ x
        away = x - place
        spread = away.T @ (away * weight[:, None]) + 1e-8 * np.eye(p)
    return placed


def _mode(measured: _Measured) -> tuple[FloatArray, FloatArray]:
    """Where the density is largest, and the inverse of its curvature there."""
    from scipy.optimize import minimize

    d = measured.size

    def height(x: FloatArray) -> FloatArray:
        total = _total(_covariances(x, d), measured)
        return _log_density(total, measured.groups, d)[0] + _jacobian(x, d)

    def value_and_slope(x: FloatArray) -> tuple[float, FloatArray]:
        small = 1e-4 * np.eye(x.size)
        found = -height(np.vstack([x[None], x + small, x - small]))
        return float(found[0]), (found[1 : x.size + 1] - found[x.size + 1 :]) / 2e-4

    start = _start(measured)
    x = minimize(value_and_slope, start, jac=True, method="BFGS", options={"gtol": 1e-2}).x
    values, vectors = np.linalg.eigh(-_curvature(height, x))
    return x, np.asarray((vectors / np.maximum(values, 0.1)) @ vectors.T)


def _curvature(
    height: Callable[[FloatArray], FloatArray], x: FloatArray, step: float = 0.05
) -> FloatArray:
    p = x.size
    signs = [(a, b, i, j) for i in range(p) for j in range(p) for a in (1, -1) for b in (1, -1)]
    e = step * np.eye(p)
    at = np.array([x + a * e[i] + b * e[j] for a, b, i, j in signs])
    found = height(at).reshape(p, p, 2, 2)
    return np.asarray(
        (found[:, :, 0, 0] - found[:, :, 0, 1] - found[:, :, 1, 0] + found[:, :, 1, 1])
        / (4 * step**2)
    )


def _start(measured: _Measured) -> FloatArray:
    """The method of moments: covariance of measured effects less the mean error's."""
    d = measured.size
    total = np.cov(measured.effects.T).reshape(d, d) - measured.covariance.mean(axis=0)
    values, vectors = np.linalg.eigh(total)
    root = np.linalg.cholesky((vectors * np.maximum(values, 0.1)) @ vectors.T)
    row, column = np.tril_indices(d)
    x = root[row, column]
    return np.where(row == column, np.log(np.where(row == column, x, 1.0)), x)


def _covariances(x: FloatArray, d: int) -> FloatArray:
    """S of each place, shape (d, d, m)."""
    row, column = np.tril_indices(d)
    root = np.zeros((x.shape[0], d, d))
    root[:, row, column] = np.where(row == column, np.exp(np.clip(x, -20, 20)), x)
    return np.moveaxis(root @ np.swapaxes(root, 1, 2), 0, 2)


def _jacobian(x: FloatArray, d: int) -> FloatArray:
    """Log of how a small volume of S shrinks at each place, up to a constant."""
    row, column = np.tril_indices(d)
    return np.asarray(x[:, row == column] @ (d + 1.0 - np.arange(d)))


def _total(covariance: FloatArray, measured: _Measured) -> FloatArray:
    """What the density of each S is made of, shape (d*d + d + 2, m)."""
    return np.asarray(_parts(covariance, measured) @ measured.counts)


def _by_group(covariance: FloatArray, measured: _Measured) -> FloatArray:
    """The same of each group, shape (d*d + d + 2, m, groups)."""
    order = np.argsort(measured.group, kind="stable")
    starts = np.searchsorted(measured.group[order], np.arange(measured.groups))
    counted = _parts(covariance, measured)[:, :, order] * measured.counts[order]
    return np.asarray(np.add.reduceat(counted, starts, axis=2))


def _parts(covariance: FloatArray, measured: _Measured) -> FloatArray:
    """What the density is made of, of each row, shape (d*d + d + 2, m, n).

    Precisions of the measured effects, these times the effects, squares, and log determinants.
    """
    y = measured.effects.T
    d, n = y.shape
    m = covariance.shape[2]
    errors = np.moveaxis(measured.covariance, 0, 2)
    precision, log_size = inverted(covariance[:, :, :, None] + errors[:, :, None, :])
    pulled = (precision * y[None, :, None, :]).sum(axis=1)
    squares = (pulled * y[:, None, :]).sum(axis=0)
    parts = [precision.reshape(d * d, m, n), pulled, squares[None], log_size[None]]
    return np.concatenate(parts)


def _log_density(
    sums: FloatArray, groups: int, d: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log density of S with mu integrated out, and mean and covariance of mu given it."""
    spread, log_size = inverted(sums[: d * d].reshape(d, d, *sums.shape[1:]))
    pulled = sums[d * d : d * d + d]
    mean = (spread * pulled[None]).sum(axis=1)
    squares, log_sizes = sums[-2], sums[-1]
    likelihood = log_sizes + log_size + squares - (pulled * mean).sum(axis=0)
    return -likelihood / 2 - log_sizes / groups, mean, spread


def _weighted(sums: FloatArray, groups: int, placed: _Placed, scale: FloatArray) -> Draws:
    density, mean, spread = _log_density(sums, groups, scale.size)
    square = np.outer(scale, scale)[:, :, None]
    return Draws(
        covariance=placed.covariance * square,
        mean=mean * scale[:, None],
        spread=spread * square,
        weight=_normalised(density + placed.log_weight),
    )


def _normalised(logs: FloatArray) -> FloatArray:
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum())


def inverted(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses and log determinants of positive definite matrices, shape (d, d, ...).

    Gauss and Jordan over all of them at once, since they are small and many.

    Examples
    --------
    >>> inverse, log_size = inverted(np.array([[2.0, 1.0], [1.0, 2.0]])[:, :, None])
    >>> inverse[:, :, 0].round(3).tolist(), round(float(np.exp(log_size[0])), 3)
    ([[0.667, -0.333], [-0.333, 0.667]], 3.0)
    """
    found = np.array(matrices, dtype=np.float64)
    log_size = np.zeros(found.shape[2:])
    for i in range(len(found)):
        pivot = found[i, i].copy()
        log_size += np.log(pivot)
        row, column = found[i] / pivot, found[:, i].copy()
        found -= column[:, None] * row[None]
        found[i] = row
        found[:, i] = -column / pivot
        found[i, i] = 1 / pivot
    return found, log_size
