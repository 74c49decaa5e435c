"""Was being on drawn as declared: as often, as one where it says so, and by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, p_is, percent
from causal.data.cells.switches import times_of_day
from causal.data.panel import BoolArray, FloatArray
from causal.diagnostics._tail import GATE, holm
from causal.diagnostics.switchback._made import Made

MOST_EXACT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """How many draws of a group came out on, how many were to be expected, and the p-value."""

    group: str
    draws: int
    on: int
    expected: float
    p: float


def check(made: Made) -> tuple[Finding, ...]:
    """Count draws that came out on, over all, by entity and by time of day, against the probability.

    A Holm-adjusted p under 0.001 is a FAIL: something other than the declared draw decides what is
    on. So is a draw whose cells differ. Switches from one draw to the next that are more regular, or
    rarer, than independent draws give, are a WARN: the p-value of redraws does not apply to them.
    """
    on = made.cells.on
    if on is None:
        return ()
    known = np.isfinite(on)
    low, high = _ends(made, on, known)
    split = int((low < high).sum())
    if split:
        return (_split(split, low.size),)
    shares = _shares(made, on, known)
    adjusted = holm(np.array([each.p for each in shares]))
    wrong = [each for each, p in zip(shares, adjusted, strict=True) if p < GATE]
    if wrong:
        return (_uneven(made, wrong, float(adjusted.min())),)
    return (_regular(made, shares, _switches(made, on, known)),)


def _ends(made: Made, on: FloatArray, known: BoolArray) -> tuple[FloatArray, FloatArray]:
    code = np.unique(made.together[known], return_inverse=True)[1]
    low, high = np.full(int(code.max()) + 1, 2.0), np.full(int(code.max()) + 1, -1.0)
    np.minimum.at(low, code, on[known])
    np.maximum.at(high, code, on[known])
    return low, high


def _shares(made: Made, on: FloatArray, known: BoolArray) -> list[_Share]:
    """Over all, by entity, and by time of day; a draw counts once, where it is first seen."""
    cells = made.cells
    first = _first(made, known)
    groups: dict[str, BoolArray] = {"all": np.ones_like(known)}
    rows = np.arange(on.shape[0])[:, None]
    groups |= {name: np.broadcast_to(rows == i, on.shape) for i, name in enumerate(cells.entities)}
    clock = times_of_day(cells)
    if clock is not None and 1 < np.unique(clock).size <= on.shape[1] // 2:
        groups |= {
            f"{second // 3600:02d}:{second % 3600 // 60:02d}": np.broadcast_to(
                clock == second, on.shape
            )
            for second in np.unique(clock)
        }
    made_of = [(name, first & inside) for name, inside in groups.items()]
    return [_share(name, on[at], made.chance[at]) for name, at in made_of if at.any()]


def _first(made: Made, known: BoolArray) -> BoolArray:
    at = np.flatnonzero(known)
    places = np.unique(made.together.reshape(-1)[at], return_index=True)[1]
    out = np.zeros(known.size, dtype=bool)
    out[at[places]] = True
    return out.reshape(known.shape)


def _share(group: str, on: FloatArray, chance: FloatArray) -> _Share:
    from scipy.stats import binomtest, norm

    draws, seen, expected = on.size, int(on.sum()), float(chance.sum())
    if np.ptp(chance) == 0 and draws <= MOST_EXACT:
        p = float(binomtest(seen, draws, float(chance[0])).pvalue)
    else:
        spread = float(np.sqrt((chance * (1 - chance)).sum()))
        p = float(2 * norm.sf(max(abs(seen - expected) - 0.5, 0.0) / spread))
    return _Share(group=group, draws=draws, on=seen, expected=expected, p=min(p, 1.0))


def _switches(made: Made, on: FloatArray, known: BoolArray) -> tuple[int, float, float]:
    """Changes from one draw of an entity to its next: seen, expected, and the p-value."""
    from scipy.stats import norm

    both = known[:, 1:] & known[:, :-1] & (made.together[:, 1:] != made.together[:, :-1])
    p, q = made.chance[:, 1:][both], made.chance[:, :-1][both]
    change = p * (1 - q) + q * (1 - p)
    seen = int((on[:, 1:] != on[:, :-1])[both].sum())
    if not both.any():
        return seen, 0.0, 1.0
    middle = p * (1 - p)
    variance = float((change * (1 - change)).sum() + 2 * np.maximum(middle - change**2, 0).sum())
    z = max(abs(seen - float(change.sum())) - 0.5, 0.0) / np.sqrt(variance)
    return seen, float(change.sum()), float(2 * norm.sf(z))


def _split(split: int, draws: int) -> Finding:
    return Finding(
        name="assignment",
        status=Status.FAIL,
        meaning=f"In {count(split)} of {count(draws)} draws some cells are on and others off, though "
        "carry.block_of says that they are switched as one.",
        remedy="Name the column of what is really switched as one, or leave carry.block_of out.",
        statistic=float(split),
        threshold=0.0,
        blocks="page",
    )


def _uneven(made: Made, wrong: list[_Share], p: float) -> Finding:
    worst = min(wrong, key=lambda each: each.p)
    where = f"in '{worst.group}'" if worst.group != "all" else f"over all {made.entity}"
    return Finding(
        name="assignment",
        status=Status.FAIL,
        meaning=f"{percent(worst.on / worst.draws)} of {count(worst.draws)} draws {where} came out "
        f"on, where {percent(worst.expected / worst.draws)} were declared ({p_is(p)}). Something "
        "else decided when it was on.",
        remedy="Look for a scheduler that got stuck, cells that were lost because they were on, or a "
        "wrong carry.probability, before reading any effect.",
        statistic=p,
        threshold=GATE,
        blocks="page",
        detail=_detail(wrong),
    )


def _regular(made: Made, shares: list[_Share], switches: tuple[int, float, float]) -> Finding:
    seen, expected, p = switches
    whole = shares[0]
    odd = p < GATE
    how = "more regular" if seen > expected else "rarer"
    share = f"{percent(whole.on / whole.draws)} of {count(whole.draws)} draws came out on"
    declared = percent(whole.expected / whole.draws)
    return Finding(
        name="assignment",
        status=Status.WARN if odd else Status.PASS,
        meaning=(
            f"{share}, as declared ({declared}), but switches are {how} than independent draws give: "
            f"{count(seen)}, where {count(expected)} were to be expected ({p_is(p)}). No p-value by "
            "drawing anew is given."
            if odd
            else f"{share}, where {declared} were declared; no part of the {made.entity} or of the "
            "day stands out."
        ),
        remedy=(
            "If what is on is drawn for several periods as one, name them with carry.block_of. A fixed "
            "turn is no draw: what else follows the same turn is then part of the effect."
            if odd
            else ""
        ),
        statistic=p if odd else min(each.p for each in shares),
        threshold=GATE,
        detail=_detail(shares[:1]),
    )


def _detail(shares: list[_Share]) -> tuple[dict[str, str | float | int], ...]:
    listed = sorted(shares, key=lambda each: each.p)[:10]
    return tuple(
        {
            "of": each.group,
            "draws": each.draws,
            "on": each.on,
            "expected": each.expected,
            "p": each.p,
        }
        for each in listed
    )
