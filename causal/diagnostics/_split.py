"""How each block's counts split over its arms, against the planned shares."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray, Panel, TimeArray

SMALL = 5.0
ENUMERATED = 20_000
DRAWS = 9_999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Chi-square of every block with at least two arms and a positive count.

    ``row``, ``start`` describe the arms kept, block after block: ``row`` has shape (arms,) and
    indexes the panel, ``start`` has shape (blocks,) and indexes ``row``. ``observed`` and
    ``expected`` have shape (arms,). ``chi``, ``df``, ``total``, ``smallest`` (the least expected
    count), ``first`` and ``last`` (time, NaT when unknown) have shape (blocks,). ``chi`` of a block
    with an expected count under 5 is the value whose chi-square tail is its exact p.
    """

    row: IntArray
    start: IntArray
    observed: FloatArray
    expected: FloatArray
    chi: FloatArray
    df: FloatArray
    total: FloatArray
    smallest: FloatArray
    first: TimeArray
    last: TimeArray
    left_out: int

    @property
    def blocks(self) -> int:
        """How many blocks are compared."""
        return int(self.chi.size)


def split(panel: Panel, seed: int) -> Split:
    """Compare the counts of each block's arms with the planned shares.

    Rows without a count or with no planned share are no arms; blocks with one arm or no count say
    nothing and are left out.

    Parameters
    ----------
    panel
        With ``block`` and ``counts``.
    seed
        For the blocks whose exact p is simulated.
    """
    block, counts = panel.block, panel.counts
    if block is None or counts is None:
        raise ValueError("The sample ratio needs blocks and counts.")
    share = np.ones(panel.rows) if panel.shares is None else panel.shares
    arm = np.flatnonzero(np.isfinite(counts) & (share > 0))
    row = arm[np.argsort(block[arm], kind="stable")]
    code = block[row]
    __, first_arm, arms = np.unique(code, return_index=True, return_counts=True)
    total = _sums(counts[row], first_arm)
    good = (arms > 1) & (total > 0)
    kept = np.repeat(good, arms)
    row, size = row[kept], arms[good].astype(np.int64)
    start = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64) if size.size else size
    observed = counts[row]
    expected = _expected(share[row], total[good], start, size)
    return Split(
        row=row,
        start=start,
        observed=observed,
        expected=expected,
        chi=_chi(observed, expected, start, size, seed),
        df=(size - 1).astype(float),
        total=total[good],
        smallest=_reduce(np.minimum, expected, start),
        first=_edge(np.fmin, panel.time, row, start),
        last=_edge(np.fmax, panel.time, row, start),
        left_out=int((~good).sum()),
    )


def _sums(values: FloatArray, start: IntArray) -> FloatArray:
    return _reduce(np.add, values, start)


def _reduce(how: np.ufunc, values: FloatArray, start: IntArray) -> FloatArray:
    if not start.size:
        return np.empty(0)
    return np.asarray(how.reduceat(values, start), dtype=float)


def _edge(how: np.ufunc, time: TimeArray | None, row: IntArray, start: IntArray) -> TimeArray:
    if time is None or not start.size:
        return np.full(start.size, np.datetime64("NaT"), dtype="datetime64[us]")
    return np.asarray(how.reduceat(time[row].astype("datetime64[us]"), start))


def _expected(share: FloatArray, total: FloatArray, start: IntArray, size: IntArray) -> FloatArray:
    return share * np.repeat(total / _sums(share, start), size) if start.size else np.empty(0)


def _chi(
    observed: FloatArray, expected: FloatArray, start: IntArray, size: IntArray, seed: int
) -> FloatArray:
    """Chi-square of each block, shape (blocks,); by its exact p where expectations are small."""
    from scipy.special import chdtri

    if not start.size:
        return np.empty(0)
    chi = _sums((observed - expected) ** 2 / expected, start)
    known: dict[tuple[object, ...], tuple[FloatArray, FloatArray]] = {}
    for at in np.flatnonzero(_reduce(np.minimum, expected, start) < SMALL):
        arm = slice(start[at], start[at] + size[at])
        n = round(float(observed[arm].sum()))
        shares = np.sort(expected[arm]) / expected[arm].sum()
        key = (n, *np.round(shares, 9))
        if key not in known:
            known[key] = _null(n, shares, seed)
        value, tail = known[key]
        exact = tail[min(int(np.searchsorted(value, chi[at] * (1 - 1e-9))), value.size - 1)]
        chi[at] = chdtri(size[at] - 1, min(1.0, float(exact)))
    return chi


def _null(n: int, shares: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Values the chi-square can take, ascending, and the chance of each or more.

    Exact where there are few ways to split ``n``; else 9,999 draws of a named stream.
    """
    arms = shares.size
    if comb(n + arms - 1, arms - 1) <= ENUMERATED:
        ways = divisions(n, arms)
        chance = chances(ways, shares)
    else:
        ways = stream(seed, "sample ratio", n, arms).multinomial(n, shares, size=DRAWS)
        chance = np.full(DRAWS, 1 / (DRAWS + 1))
    expected = n * shares
    value = ((ways - expected) ** 2 / expected).sum(axis=1)
    order = np.argsort(value, kind="stable")
    tail = np.cumsum(chance[order][::-1])[::-1]
    return value[order], tail + max(0.0, 1 - float(tail[0]))


def divisions(n: int, arms: int) -> IntArray:
    """Every way to split ``n`` over the arms, shape (ways, arms).

    >>> divisions(2, 2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    if arms == 1:
        return np.array([[n]])
    if arms == 2:
        return np.column_stack([np.arange(n + 1), np.arange(n, -1, -1)])
    parts = []
    for first in range(n + 1):
        rest = divisions(n - first, arms - 1)
        parts.append(np.column_stack([np.full(len(rest), first), rest]))
    return np.concatenate(parts)


def chances(ways: IntArray, shares: FloatArray) -> FloatArray:
    from scipy.special import gammaln

    n = ways[0].sum()
    log = gammaln(n + 1) - gammaln(ways + 1).sum(axis=1) + ways @ np.log(shares)
    return np.asarray(np.exp(log))
