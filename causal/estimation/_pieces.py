"""Pieces: lines that jump at cuts, and curves in the units of a column, where they explain more.

A curve of a few cosines of the rank waves about a jump and is blunt in the tails, and trees that go
on from it need many splits to undo that. So wherever such curves were found, in one column or in two
or three that act jointly, pieces of lines between cuts are tried in their place, and in one column
cubic splines too. A cut is found by sums along the ordered column: one sort, and no fits.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from causal.data.panel import BoolArray, FloatArray

MOST_CUTS = 4
SWEEPS = 3
LEAST_SIDE = 20
LEAST_SHARE = 0.01
BUMPS = (6, 8, 12)
GRIDS = (6, 8)
BUMP_SHARE = 0.01
LINE, BUMP, JUMP = 0, 98, 99


class Factor(NamedTuple):
    """A function of one column: its line, a jump at a cut, or a bump about it of some width."""

    column: int
    shape: int
    cut: float = np.nan
    width: float = np.nan

    def of(self, z: FloatArray) -> FloatArray:
        """Values, of the shape of ``z``: jumps from -1 to 1, bumps a cubic spline between knots."""
        if self.shape == JUMP:
            return np.where(z > self.cut, 1.0, -1.0)
        if self.shape == LINE:
            return z
        t = np.abs(z - self.cut) / self.width
        return np.where(t < 1, 2 / 3 - t**2 + t**3 / 2, np.maximum(2 - t, 0) ** 3 / 6)


Piece = tuple[Factor, ...]


def cuts_of_one(z: FloatArray, residual: FloatArray, bound: float) -> list[float]:
    """Cuts in one column that its residuals follow, four at most, each moved once more.

    Parameters
    ----------
    z, residual
        The column and what is left to explain, shapes (n,).
    bound
        How many standard errors the jump at a cut has to be, the first of them.
    """
    found: list[float] = []
    while len(found) < MOST_CUTS:
        cut, strength = _best_cut(z, residual, _orthonormal(_broken(z, found)))
        if strength < bound:
            break
        found.append(cut)
    if len(found) > 1:
        for at in range(len(found)):
            others = found[:at] + found[at + 1 :]
            found[at] = _best_cut(z, residual, _orthonormal(_broken(z, others)))[0]
    return sorted(set(found))


def cuts_of_several(z: FloatArray, residual: FloatArray) -> list[float]:
    """One cut in each of two or three columns, where their product of jumps explains most.

    From the medians, each column in turn: where the others' cuts are wrong, the jump still lies where
    it is.

    Parameters
    ----------
    z
        The columns, shape (n, 2) or (n, 3).
    residual
        Shape (n,).
    """
    cuts = [float(np.median(column)) for column in z.T]
    for _ in range(SWEEPS):
        before = list(cuts)
        for j in range(z.shape[1]):
            others = np.ones(len(z))
            for k in range(z.shape[1]):
                if k != j:
                    side = np.where(z[:, k] > cuts[k], 1.0, -1.0)
                    others = others * (side - side.mean())
            leaned = residual * others
            cuts[j] = _best_cut(z[:, j], leaned, _orthonormal(np.ones((len(z), 1))))[0]
        if cuts == before:
            break
    return cuts


def gain(residual: FloatArray, linear: FloatArray, made: FloatArray, extra: int = 0) -> float:
    """What columns explain beyond the lines, in squared errors, less what their number costs (BIC).

    ``extra`` counts what was searched for beside the coefficients.
    """
    basis = np.hstack([np.ones((len(residual), 1)), linear, made])
    gram = basis.T @ basis
    gram[np.diag_indices_from(gram)] += 1e-6 * np.maximum(np.diag(gram), 1.0)
    leaned = basis.T @ residual
    explained = float(leaned @ np.linalg.solve(gram, leaned))
    total = float(residual @ residual)
    noise = max(total - explained, 1e-12 * total) / len(residual)
    return explained / max(noise, 1e-300) - np.log(len(residual)) * (made.shape[1] + extra)


def jumps_of(cuts: list[float]) -> list[Piece]:
    """The jumps of one column."""
    return [(Factor(0, JUMP, cut),) for cut in cuts]


def bumps_of(z: FloatArray, number: int) -> list[Piece]:
    """Cubic B-splines of one column, evenly between its first and last hundredth (de Boor 1978)."""
    low, high = np.quantile(z, [BUMP_SHARE, 1 - BUMP_SHARE])
    width = float(high - low) / (number - 1)
    if width <= 0:
        return []
    return [(Factor(0, BUMP, float(at), width),) for at in np.linspace(low, high, number)]


def grid_of(z: FloatArray, number: int) -> list[Piece]:
    """Products of the bumps of two columns: a surface."""
    first, second = (bumps_of(z[:, j], number) for j in (0, 1))
    return [(one, other._replace(column=1)) for (one,), (other,) in product(first, second)]


def corners_of(cuts: list[float]) -> list[Piece]:
    """Products of several columns cut once each: of lines and jumps, but the lines alone."""
    own = [(None, Factor(j, LINE), Factor(j, JUMP, cut)) for j, cut in enumerate(cuts)]
    made = [tuple(factor for factor in taken if factor is not None) for taken in product(*own)]
    return [p for p in made if len(p) > 1 or (p and p[0].shape != LINE)]


def reached(values: FloatArray) -> BoolArray:
    """Which columns at least twenty rows are in: corners of a grid may hold none."""
    there: BoolArray = np.count_nonzero(values, axis=0) >= LEAST_SIDE
    return there


def values_of(z: FloatArray, pieces: list[Piece]) -> FloatArray:
    """The products, shape (n, pieces)."""
    made = np.ones((len(z), len(pieces)))
    known: dict[Factor, FloatArray] = {}
    for at, piece in enumerate(pieces):
        for factor in piece:
            if factor not in known:
                known[factor] = factor.of(z[:, factor.column])
            made[:, at] *= known[factor]
    return made


def _broken(z: FloatArray, cuts: list[float]) -> FloatArray:
    jumps = [np.where(z > cut, 1.0, -1.0) for cut in cuts]
    return np.column_stack([np.ones(z.size), z, *jumps])


def _orthonormal(columns: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.qr(columns)[0])


def _best_cut(z: FloatArray, residual: FloatArray, known: FloatArray) -> tuple[float, float]:
    """The cut whose jump explains most beyond the known columns, and its strength.

    ``known`` (n, k) is orthonormal; the residual is taken clear of it.
    """
    left = residual - known @ (known.T @ residual)
    order = np.argsort(z, kind="stable")
    ordered = z[order]
    n = z.size
    below = np.cumsum(left[order])[:-1]
    shared = np.cumsum(known[order], axis=0)[:-1]
    count = np.arange(1, n)
    free = count - (shared**2).sum(axis=1)
    least = max(LEAST_SIDE, round(LEAST_SHARE * n))
    allowed: BoolArray = (np.diff(ordered) > 0) & (count >= least) & (count <= n - least)
    allowed &= free > 1e-3 * n
    if not allowed.any():
        return 0.0, 0.0
    noise = float(left @ left) / n
    strength = np.where(allowed, np.abs(below) / np.sqrt(np.maximum(free * noise, 1e-300)), 0.0)
    at = int(np.argmax(strength))
    return float((ordered[at] + ordered[at + 1]) / 2), float(strength[at])
