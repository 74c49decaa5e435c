"""The split of units over arms in parts: by day of exposure and by what was known before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.moments.collected import Counts, Split
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics._tail import FEW, SMALL_P, holm, share_p, sum_p
from causal.diagnostics.experiment._looks import concentration
from causal.diagnostics.experiment._multinomial import anytime_p, split_p
from causal.diagnostics.experiment._planned import Planned, positive

DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parted:
    """The values of one column.

    ``counts`` (values, arms) are over arms of positive share, ``p`` and ``adjusted`` (values,) the
    p-value of each and that adjusted for all columns; ``together`` is the adjusted p of all values
    together, 1 with fewer than 20.
    """

    name: str
    values: tuple[str, ...]
    counts: IntArray
    p: FloatArray
    adjusted: FloatArray
    together: float

    @property
    def least(self) -> float:
        """The least adjusted p."""
        return min(self.together, float(self.adjusted.min(initial=1.0)))


def parted(counts: Counts, planned: Planned) -> Iterator[Parted]:
    """Test every part, and adjust over all of them: see the sample ratio's check."""
    _, places, shares = positive(counts)
    dated = counts.days is not None
    parts = ([] if counts.days is None else [_by_day(counts.days)]) + list(counts.splits)
    kept = [part.counts[:, places] for part in parts]
    raw = []
    for at, cells in enumerate(kept):
        looks = planned.looks and not (dated and at == 0)
        raw.append(_anytime(cells, shares, planned) if looks else _once(cells, shares))
    if planned.looks:
        adjusted = _spent(
            [p[: len(cells)] for p, cells in zip(raw, kept, strict=True)], dated=dated
        )
    else:
        ends = np.cumsum([p.size for p in raw])[:-1]
        adjusted = np.split(holm(np.concatenate(raw)), ends) if raw else []
    for part, cells, p, own in zip(parts, kept, raw, adjusted, strict=True):
        yield Parted(
            name=part.name,
            values=part.values,
            counts=cells,
            p=p[: len(cells)],
            adjusted=own[: len(cells)],
            together=float(own[len(cells) :].min(initial=1.0)),
        )


def _by_day(days: Split) -> Split:
    order = sorted(range(len(days.values)), key=lambda at: days.values[at])
    values = tuple(days.values[at] for at in order)
    return Split(name=DAY, values=values, counts=days.counts[order])


def _anytime(cells: IntArray, shares: FloatArray, planned: Planned) -> FloatArray:
    prior = concentration(planned.planned_units, shares.size - 1) / max(len(cells), 1)
    return np.array([anytime_p(each, shares, prior) for each in cells], dtype=float)


def _once(cells: IntArray, shares: FloatArray) -> FloatArray:
    """P-value of each value and, with 20 values or more, one of all together at the end."""
    from scipy.special import chdtri

    p = np.array([split_p(each, shares) for each in cells], dtype=float)
    if p.size < FEW:
        return p
    few = share_p(np.array([int((p < SMALL_P).sum())]), np.array([p.size]))
    degrees = np.full(p.size, shares.size - 1.0)
    chi = np.asarray(chdtri(degrees, np.clip(p, 1e-300, 1.0)))
    summed = sum_p(chi, degrees, 1.0, estimated=False)
    return np.append(p, min(1.0, 2 * min(float(few[0]), summed)))


def _spent(raw: Sequence[FloatArray], *, dated: bool) -> list[FloatArray]:
    """P-values over the share of the family's chance that each may spend, whatever comes later."""
    splits = list(raw[1:] if dated else raw)
    families = int(dated) + bool(splits)
    values = sum(p.size for p in splits)
    adjusted = [np.minimum(1.0, p * values * families) for p in splits]
    if dated:
        day = np.arange(1, raw[0].size + 1)
        adjusted.insert(0, np.minimum(1.0, raw[0] * day * (day + 1) * families))
    return adjusted
