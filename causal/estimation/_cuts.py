"""Cuts: where a column's line breaks, found exactly, and taken where they explain more than curves.

A curve of a few cosines waves about a jump, and trees that go on from it need many splits to undo
the waves. So wherever curves were found, in one column or in two or three that act jointly, pieces
of lines between cuts are tried in their place. A cut is found by sums along the ordered column: one
sort, and no fits.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from causal.data.panel import BoolArray, FloatArray

MOST_CUTS = 4
SWEEPS = 3
LEAST_SIDE = 20
LEAST_SHARE = 0.01


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
        cut, strength = _best_cut(z, residual, _orthonormal(_pieces(z, found)))
        if strength < bound:
            break
        found.append(cut)
    if len(found) > 1:
        for at in range(len(found)):
            others = found[:at] + found[at + 1 :]
            found[at] = _best_cut(z, residual, _orthonormal(_pieces(z, others)))[0]
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
    gram[np.diag_indices_from(gram)] *= 1 + 1e-6
    leaned = basis.T @ residual
    explained = float(leaned @ np.linalg.solve(gram, leaned))
    total = float(residual @ residual)
    noise = max(total - explained, 1e-12 * total) / len(residual)
    return explained / max(noise, 1e-300) - np.log(len(residual)) * (made.shape[1] + extra)


Piece = tuple[tuple[int, float], ...]


def pieces_of(members: int, cuts: list[tuple[int, float]]) -> list[Piece]:
    """Products to try: (column, cut) of each factor, NaN for the line itself.

    Of one column its jumps alone; of several every product of lines and jumps but the lines alone.
    """
    if members == 1:
        return [((column, cut),) for column, cut in cuts]
    own = [[None, np.nan, *(cut for column, cut in cuts if column == j)] for j in range(members)]
    made = [
        tuple((j, cut) for j, cut in enumerate(taken) if cut is not None) for taken in product(*own)
    ]
    return [piece for piece in made if len(piece) > 1 or (piece and not np.isnan(piece[0][1]))]


def jumps(z: FloatArray, pieces: list[Piece]) -> FloatArray:
    """The products, shape (n, pieces)."""
    made = np.ones((len(z), len(pieces)))
    for at, piece in enumerate(pieces):
        for column, cut in piece:
            made[:, at] *= z[:, column] if np.isnan(cut) else np.where(z[:, column] > cut, 1, -1)
    return made


def _pieces(z: FloatArray, cuts: list[float]) -> FloatArray:
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
