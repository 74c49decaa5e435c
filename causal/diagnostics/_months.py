"""Runs of calendar months in which too many blocks fail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.diagnostics._split import SMALL, Split
from causal.diagnostics._tail import (
    CAP,
    GATE,
    SMALL_P,
    TOLERATED,
    dispersion,
    fails,
    group_p,
    limit,
)

LIKELY = 1.92


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """Consecutive flagged months: positions in ``Months.label``, and whether they fail."""

    months: tuple[int, ...]
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Months:
    """The log by calendar month.

    ``label`` (``2013-06``), ``blocks``, ``failing`` (blocks with p < .01), ``limit`` (as a count)
    and ``flagged`` have shape (months,); ``of`` has shape (blocks,), -1 without a date.
    ``dispersion`` is estimated on the blocks outside the flagged months; ``allowed`` is that, but
    at most 2.
    """

    label: tuple[str, ...]
    of: IntArray
    blocks: IntArray
    failing: IntArray
    limit: IntArray
    flagged: BoolArray
    runs: tuple[Run, ...]
    dispersion: float
    allowed: float

    @property
    def outside(self) -> BoolArray:
        """Which blocks lie outside the flagged months, shape (blocks,)."""
        if not self.label:
            return np.ones(self.of.size, dtype=bool)
        return (self.of < 0) | ~self.flagged[self.of]

    @property
    def tolerated(self) -> float:
        """The dispersion beyond which a failure is a failure."""
        return max(TOLERATED, self.allowed)

    def unflagged(self) -> Months:
        """Give the same months with no flag."""
        return replace(self, flagged=np.zeros_like(self.flagged), runs=())

    def starts(self, run: Run) -> date:
        """First day of the run's first month."""
        return date.fromisoformat(f"{self.label[run.months[0]]}-01")

    def ends(self, run: Run) -> date:
        """Last day of the run's last month."""
        year, month = map(int, self.label[run.months[-1]].split("-"))
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=1)


def by_month(cut: Split) -> Months:
    """Find the months in which more blocks fail than chance and the log's own dispersion explain.

    A month is flagged when its p (:func:`group_p`) is under .001 over the number of months. Months
    next to a flagged one need only .001, for a break rarely begins on the first of a month. The
    dispersion is estimated anew outside the flagged months until nothing changes.
    """
    month = cut.first.astype("datetime64[M]")
    dated = ~np.isnat(month)
    label, place = np.unique(month[dated], return_inverse=True)
    of = np.full(cut.blocks, -1, dtype=np.int64)
    of[dated] = place
    flagged = np.zeros(label.size, dtype=bool)
    while True:
        outside = (of < 0) | ~flagged[of] if label.size else np.ones(of.size, dtype=bool)
        measured = dispersion(*_large(cut, outside))
        allowed = min(CAP, measured)
        tolerated = max(TOLERATED, allowed)
        p = group_p(cut.chi, cut.df, of, label.size, allowed=allowed, tolerated=tolerated)
        found = flagged | _flag(p)
        if (found == flagged).all():
            break
        flagged = found
    worst = group_p(cut.chi, cut.df, of, label.size, allowed=tolerated, tolerated=tolerated)
    blocks = np.bincount(of[dated], minlength=label.size)
    return Months(
        label=tuple(str(each) for each in label),
        of=of,
        blocks=blocks,
        failing=np.bincount(of[dated & fails(cut.chi, cut.df)], minlength=label.size),
        limit=limit(blocks, GATE / max(1, label.size)),
        flagged=flagged,
        runs=_runs(flagged, worst < GATE / max(1, label.size)),
        dispersion=measured,
        allowed=allowed,
    )


def period(cut: Split, months: Months, run: Run) -> tuple[date, date]:
    """Date a run of flagged months: first and last day.

    A break rarely begins on the first of a month. That of a broken run is dated by the stretch of
    its blocks, by time, with the largest likelihood ratio of the run's share of failing blocks
    against 1%, widened to the outer ends of the 95% likelihood interval: what may be broken is left
    out. A run that is not called broken keeps its whole months.
    """
    if not run.broken:
        return months.starts(run), months.ends(run)
    inside = np.isin(months.of, run.months)
    at = np.flatnonzero(inside)[np.argsort(cut.first[inside], kind="stable")]
    failing = fails(cut.chi[at], cut.df[at], months.tolerated)
    share = float(np.clip(failing.mean(), 2 * SMALL_P, 0.98))
    worth = np.log(np.where(failing, share / SMALL_P, (1 - share) / (1 - SMALL_P)))
    first, last = _widened(worth, *_best_stretch(worth))
    days = cut.first[at].astype("datetime64[D]")
    return (
        months.starts(run) if first == 0 else days[first].item(),
        months.ends(run) if last == at.size - 1 else days[last].item(),
    )


def _widened(worth: FloatArray, first: int, last: int) -> tuple[int, int]:
    """Move both ends out as far as the sum falls by no more than 1.92 (half the 95% chi-square).

    >>> _widened(np.array([-9.0, -1.0, 2.0, 2.0, -1.0, -0.5, -1.0]), 2, 3)
    (1, 5)
    """
    before = np.cumsum(worth[:first][::-1])
    after = np.cumsum(worth[last + 1 :])
    lower = np.flatnonzero(before >= -LIKELY)
    upper = np.flatnonzero(after >= -LIKELY)
    return (
        first - 1 - int(lower[-1]) if lower.size else first,
        last + 1 + int(upper[-1]) if upper.size else last,
    )


def _best_stretch(worth: FloatArray) -> tuple[int, int]:
    """First and last position of the stretch with the largest sum.

    >>> _best_stretch(np.array([-1.0, 2.0, -1.0, 2.0, -3.0]))
    (1, 3)
    """
    running = np.concatenate([[0.0], np.cumsum(worth)])
    lowest = np.minimum.accumulate(running)
    last = int(np.argmax(running[1:] - lowest[:-1]))
    return int(np.argmin(running[: last + 1])), last


def _large(cut: Split, chosen: BoolArray) -> tuple[FloatArray, FloatArray]:
    used = chosen & (cut.smallest >= SMALL)
    return cut.chi[used], cut.df[used]


def _flag(p: FloatArray) -> BoolArray:
    flagged = p < GATE / max(1, p.size)
    while True:
        beside = np.zeros(p.size, dtype=bool)
        beside[1:] |= flagged[:-1]
        beside[:-1] |= flagged[1:]
        grown = flagged | (beside & (p < GATE))
        if (grown == flagged).all():
            return flagged
        flagged = grown


def _runs(flagged: BoolArray, broken: BoolArray) -> tuple[Run, ...]:
    """Maximal runs of flagged months, broken and long ones first."""
    at = np.flatnonzero(flagged)
    parts = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if at.size else []
    runs = [Run(months=tuple(part.tolist()), broken=bool(broken[part].any())) for part in parts]
    return tuple(sorted(runs, key=lambda run: (not run.broken, -len(run.months), run.months)))
