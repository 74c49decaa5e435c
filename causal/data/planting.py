"""Noise like a table's own: what groups of rows share, and attributes shuffled within blocks.

Rows of one creator resemble each other. A draw that forgets it makes every interval look good, so
the part of the noise that a group shares is measured, drawn for the group as a whole, and checked
to come out as large as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray

MOST_SHARED = 0.95
_STEPS = 6
_LEAST_REPEATED = 0.5


Named = tuple[tuple[str, IntArray], ...]


def groupings(candidates: Sequence[tuple[str, IntArray]], without: IntArray | None = None) -> Named:
    """Keep the ways of grouping rows in which noise may be shared, coarsest first.

    Parameters
    ----------
    candidates
        Name and codes of each row, (rows,); -1 is no group, so the row stands alone.
    without
        A grouping that is dealt with elsewhere: the same partition is left out.

    Returns
    -------
    tuple
        Names and codes without gaps. Partitions that repeat, or in which fewer than half of the
        rows have company, are left out.

    Examples
    --------
    >>> [name for name, _ in groupings([("row", np.arange(4)), ("user", np.array([3, 3, 7, 7]))])]
    ['user']
    """
    taken = [] if without is None else [_renumbered(without)]
    found: list[tuple[str, IntArray]] = []
    for name, given in candidates:
        codes = _renumbered(given)
        counts = np.bincount(codes)
        company = float(np.mean(counts[codes] > 1)) if codes.size else 0.0
        known = any(np.array_equal(codes, other) for other in taken)
        if counts.size > 1 and company >= _LEAST_REPEATED and not known:
            found.append((name, codes))
            taken.append(codes)
    return tuple(sorted(found, key=lambda pair: int(pair[1].max())))


def independent(named: Named, fixed: IntArray | None, rows: int) -> int:
    """How many groups of rows are independent: those of the coarsest grouping, else the rows."""
    counts = [int(codes.max()) + 1 for _, codes in named]
    if fixed is not None:
        counts.append(int(np.unique(fixed).size))
    return min(counts, default=rows)


def _renumbered(given: IntArray) -> IntArray:
    """Number groups by first row, so that equal partitions have equal codes."""
    alone = given < 0
    codes = np.where(alone, given.max(initial=-1) + 1 + np.arange(given.size), given)
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    return rank[codes]


def shared_variance(residual: FloatArray, codes: IntArray) -> float:
    """Covariance of two different rows of a group; NaN residuals are left out.

    The mean of products over all pairs of rows in a group, so that it may be negative.

    Examples
    --------
    >>> shared_variance(np.array([1.0, 1.0, -1.0, -1.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    known = ~np.isnan(residual)
    r, c = residual[known], codes[known]
    if not r.size:
        return 0.0
    count = np.bincount(c).astype(float)
    total = np.bincount(c, weights=r)
    pairs = float(np.sum(count * (count - 1)))
    return float((np.sum(total**2) - np.sum(r**2)) / pairs) if pairs > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """The part of residuals that each group has in common: ``values`` (groups,), and what it cost.

    ``spent`` is how many free numbers the means took out of the residuals.
    """

    values: FloatArray
    spent: float


def shared_part(residual: FloatArray, codes: IntArray, weight: FloatArray | None = None) -> Shared:
    """Predict what each group has in common, shrunken as its size deserves.

    Best linear prediction under two levels of noise (Henderson 1975), with the variances by
    :func:`shared_variance`.

    Parameters
    ----------
    residual, codes, weight
        Shapes (rows,); NaN residuals count nothing.
    """
    known = ~np.isnan(residual)
    groups = int(codes.max()) + 1 if codes.size else 0
    r, c = residual[known], codes[known]
    w = np.ones(r.size) if weight is None else weight[known]
    between = max(shared_variance(r, c), 0.0)
    total = np.bincount(c, weights=w, minlength=groups)
    means = np.bincount(c, weights=w * r, minlength=groups) / np.where(total > 0, total, 1.0)
    rest = r - means[c]
    count = np.bincount(c, minlength=groups)
    free = max(r.size - int(np.count_nonzero(count)), 1)
    within = float(np.sum(w * rest**2)) / free
    share = between * total / np.maximum(between * total + within, 1e-300)
    return Shared(values=share * means, spent=float(share.sum()))


def multipliers(draws: np.random.Generator, size: int) -> FloatArray:
    """Draw two-point weights with mean 0, variance 1 and third moment 1 (Mammen 1993), (size,).

    Noise times these keeps its mean, variance and skewness.
    """
    root = np.sqrt(5.0)
    low = draws.random(size) < (root + 1) / (2 * root)
    return np.where(low, (1 - root) / 2, (1 + root) / 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Components:
    """Additive noise as what each grouping shares and the rest, to be redrawn with signs.

    ``parts`` (groups,) for each grouping; ``rest`` (rows,).
    """

    codes: tuple[IntArray, ...]
    parts: tuple[FloatArray, ...]
    rest: FloatArray

    @staticmethod
    def of(residual: FloatArray, codes: tuple[IntArray, ...], spent: float = 0.0) -> Components:
        """Split residuals (rows,), coarsest grouping first; each part has its whole variance.

        ``spent`` is how many free numbers were fitted before; the rest is scaled up for it.
        """
        rest = np.nan_to_num(residual - np.nanmean(residual)) if residual.size else residual
        parts = []
        for each in codes:
            variance = max(shared_variance(rest, each), 0.0)
            found = shared_part(rest, each)
            spread = float(np.mean(found.values[each] ** 2))
            rest = rest - found.values[each]
            spent += found.spent
            parts.append(found.values * (np.sqrt(variance / spread) if spread > 0 else 0.0))
        size = int(np.sum(~np.isnan(residual)))
        grown = np.sqrt(size / max(size - spent, 0.2 * size, 1.0)) if size else 1.0
        return Components(codes=codes, parts=tuple(parts), rest=rest * grown)

    def draw(self, draws: np.random.Generator) -> FloatArray:
        """Redraw the noise, (rows,); the same generator gives several outcomes the same signs."""
        noise = self.rest * multipliers(draws, self.rest.size)
        for codes, part in zip(self.codes, self.parts, strict=True):
            noise = noise + (part * multipliers(draws, part.size))[codes]
        return noise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """Standard normal fields, correlated with each other and shared within groups.

    ``shares`` (groupings, k) is the part of the variance of each of k fields that a grouping has,
    ``correlation`` (k, k) their correlation at every level.
    """

    codes: tuple[IntArray, ...]
    shares: FloatArray
    correlation: FloatArray

    @staticmethod
    def alone(fields: int) -> Latent:
        """Fields that share nothing."""
        return Latent(codes=(), shares=np.zeros((0, fields)), correlation=np.eye(fields))

    def draw(self, draws: np.random.Generator, rows: int) -> FloatArray:
        """Draw the fields, (rows, k)."""
        root = _root(self.correlation)
        own = np.sqrt(np.maximum(1 - self.shares.sum(axis=0), 0.0))
        field = (draws.standard_normal((rows, own.size)) @ root.T) * own
        for codes, share in zip(self.codes, self.shares, strict=True):
            groups = draws.standard_normal((int(codes.max()) + 1, own.size)) @ root.T
            field = field + np.sqrt(share) * groups[codes]
        return field


def chances(field: FloatArray) -> FloatArray:
    """Uniform numbers of standard normal fields, strictly between 0 and 1."""
    from scipy.special import ndtr

    return np.clip(ndtr(field), 1e-12, 1 - 1e-12)


def matched(
    residuals: FloatArray,
    codes: tuple[IntArray, ...],
    residuals_of: Callable[[FloatArray], FloatArray],
    draws: Callable[[], np.random.Generator],
) -> Latent:
    """Find the latent fields under which drawn residuals share as much as the given ones do.

    Parameters
    ----------
    residuals
        What was seen less what was expected, (rows, k), NaN where unknown.
    codes
        Groupings, coarsest first.
    residuals_of
        Gives the residuals (rows, k) of a draw from the fields (rows, k).
    draws
        Opens the same generator each time it is called.

    Returns
    -------
    Latent
        By fixed-point steps on simulated residuals, which for levels lose part of what the fields
        share.
    """
    rows, k = residuals.shape
    wanted = _moments(residuals, codes)
    shares = np.clip(wanted[0], 0.0, MOST_SHARED)
    correlation = _nearest(wanted[1])
    for _ in range(_STEPS if k > 1 or codes else 0):
        trial = Latent(codes=codes, shares=_bounded(shares), correlation=correlation)
        got = _moments(residuals_of(trial.draw(draws(), rows)), codes)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip(np.where(got[0] > 0, wanted[0] / got[0], 1.0), 0.25, 4.0)
        shares = np.where(wanted[0] > 0, np.clip(shares * step, 0.0, 1.0), 0.0)
        correlation = _nearest(correlation + wanted[1] - got[1])
    return Latent(codes=codes, shares=_bounded(shares), correlation=correlation)


def _moments(residuals: FloatArray, codes: tuple[IntArray, ...]) -> tuple[FloatArray, FloatArray]:
    """Share of variance in each grouping beyond coarser ones, and correlations."""
    k = residuals.shape[1]
    variance = np.maximum(np.nanvar(residuals, axis=0), 1e-300)
    found = np.zeros((len(codes), k))
    for g, each in enumerate(codes):
        for j in range(k):
            found[g, j] = shared_variance(residuals[:, j], each) / variance[j]
        if g:
            found[g] -= found[:g].sum(axis=0)
    filled = np.nan_to_num(residuals - np.nanmean(residuals, axis=0))
    scale = np.sqrt(np.maximum(np.sum(filled**2, axis=0), 1e-300))
    return found, (filled.T @ filled) / np.outer(scale, scale)


def _bounded(shares: FloatArray) -> FloatArray:
    total = shares.sum(axis=0)
    return shares / np.maximum(total, 1.0) if shares.size else shares


def _nearest(r: FloatArray) -> FloatArray:
    """The nearest correlation matrix, roughly: eigenvalues clipped, the diagonal set to one."""
    values, vectors = np.linalg.eigh(
        np.clip((r + r.T) / 2, -0.98, 0.98) * (1 - np.eye(len(r))) + np.eye(len(r))
    )
    fixed = (vectors * np.maximum(values, 1e-4)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.asarray(fixed / np.outer(scale, scale))


def _root(r: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.cholesky(r))


def constant_within(values: FloatArray, codes: IntArray) -> bool:
    """Whether a column takes one value in each group, and most rows have company; NaN is skipped."""
    known = ~np.isnan(values)
    v, c = values[known], codes[known]
    if not v.size:
        return False
    groups = int(c.max()) + 1
    count = np.bincount(c, minlength=groups)
    if np.mean(count[c] > 1) < _LEAST_REPEATED or np.count_nonzero(count) < 2:
        return False
    first = np.full(groups, np.nan)
    first[c[::-1]] = v[::-1]
    return bool(np.all(v == first[c]))


def shuffled(block: IntArray, units: IntArray, draws: np.random.Generator) -> IntArray:
    """For each row the row whose attributes it gets: units change places within their block.

    Parameters
    ----------
    block, units
        Codes of each row, (rows,). Rows of a unit have the same attributes and get the same ones;
        a unit lies in one block.

    Returns
    -------
    array
        Indices into the rows, shape (rows,).

    Examples
    --------
    >>> block, units = np.array([0, 0, 1, 1]), np.arange(4)
    >>> moved = shuffled(block, units, np.random.default_rng(1))
    >>> np.array_equal(block[moved], block), sorted(moved.tolist())
    (True, [0, 1, 2, 3])
    """
    _, first, of_row = np.unique(units, return_index=True, return_inverse=True)
    own = block[first]
    by_block = np.argsort(own, kind="stable")
    random = np.lexsort((draws.random(first.size), own))
    source = np.empty(first.size, dtype=np.int64)
    source[by_block] = random
    return np.asarray(first[source][of_row])
