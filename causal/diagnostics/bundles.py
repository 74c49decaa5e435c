"""Attributes that come together: effects that cannot be told apart, or hardly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import BoolArray, FloatArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, demeaned, indicators, quoted
from causal.diagnostics._linear import EXACT, mutual, scaled, share

CLOSE = 0.8
EXPLAINED = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Together:
    """Association of attributes by pair, and share of each that the others explain."""

    names: tuple[str, ...]
    pair: FloatArray
    explained: FloatArray
    carriers: BoolArray


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Name attributes that (almost) determine each other, overall and within blocks.

    The association of two attributes is the root mean square of their canonical correlations: the
    correlation of two numbers, phi of two flags, Cramer's V of two categories, the correlation
    ratio of a number and a category. Above .8, or when the others explain more than 90% of the
    variance of one, it is a bundle; when the others explain all of it, no design can separate them.
    """
    asked = attributes(study, panel)
    if len(asked) < 2 or panel.rows < 3:
        return ()
    groups = [indicators(column) for column in asked]
    complete = np.all([~np.isnan(group).any(axis=1) for group in groups], axis=0)
    if complete.sum() < 3:
        return ()
    names = tuple(column.name for column in asked)
    centred = [group[complete] - group[complete].mean(axis=0) for group in groups]
    overall = _measure(names, centred)
    found = _bundles(overall, "over all rows", ())
    if panel.block is None:
        return found or (_apart(overall),)
    inside = _measure(names, [demeaned(group, panel.block[complete]) for group in centred])
    already = {frozenset(each.columns) for each in found if each.status is Status.FAIL}
    found += tuple(
        each
        for each in _bundles(inside, "within blocks", ("within", "exploration x within"))
        if frozenset(each.columns) not in already
    )
    return found or (_apart(overall),)


def _measure(names: tuple[str, ...], groups: list[FloatArray]) -> _Together:
    """Associations from the cross-products of all groups' columns, computed once."""
    kept = [scaled(group) for group in groups]
    ends = np.cumsum([group.shape[1] for group in kept])
    at = [np.arange(end - group.shape[1], end) for end, group in zip(ends, kept, strict=True)]
    joined = np.column_stack(kept)
    gram = joined.T @ joined
    many = len(names)
    pair, explained = np.zeros((many, many)), np.zeros(many)
    carriers = np.zeros((many, many), dtype=bool)
    for one in range(many):
        others = [each for each in range(many) if each != one]
        explained[one] = share(gram, at[one], np.concatenate([at[o] for o in others]))
        for other in others:
            pair[one, other] = np.sqrt(mutual(gram, at[one], at[other]))
        if explained[one] > EXPLAINED:
            carriers[one] = _carriers(gram, at, one, float(explained[one]))
            carriers[one, int(np.argmax(pair[one]))] = True
    return _Together(names=names, pair=pair, explained=explained, carriers=carriers)


def _carriers(gram: FloatArray, at: list[np.ndarray], one: int, explained: float) -> BoolArray:
    """Which other attributes are needed for the explanation: without them it loses a tenth."""
    others = [each for each in range(len(at)) if each != one]
    needed = np.zeros(len(at), dtype=bool)
    for left_out in others:
        rest = [at[each] for each in others if each != left_out]
        without = share(gram, at[one], np.concatenate(rest)) if rest else 0.0
        needed[left_out] = without < explained - 0.1 * explained
    return needed


def _bundles(measured: _Together, where: str, designs: tuple[str, ...]) -> tuple[Finding, ...]:
    linked = (measured.pair > CLOSE) | measured.carriers | measured.carriers.T
    seen: set[int] = set()
    found = []
    for one in range(len(measured.names)):
        if one in seen or not linked[one].any():
            continue
        members = _connected(linked, one)
        seen.update(members)
        found.append(_finding(measured, members, where, designs))
    return tuple(found)


def _connected(linked: BoolArray, one: int) -> list[int]:
    reached = np.zeros(len(linked), dtype=bool)
    reached[one] = True
    while True:
        grown = reached | linked[reached].any(axis=0)
        if (grown == reached).all():
            return [int(each) for each in np.flatnonzero(reached)]
        reached = grown


def _finding(
    measured: _Together, members: list[int], where: str, designs: tuple[str, ...]
) -> Finding:
    names = tuple(measured.names[each] for each in members)
    fixed = tuple(measured.names[each] for each in members if measured.explained[each] > EXACT)
    strongest = float(measured.explained[members].max())
    exact = bool(fixed)
    return Finding(
        name="bundle",
        status=Status.FAIL if exact else Status.WARN,
        meaning=(
            f"{quoted(names)} come together {where}: "
            + (
                f"{quoted(fixed)} can be computed from the others, so no data can tell their "
                "effects apart."
                if exact
                else f"the others explain up to {strongest:.0%} of one of them, so each effect "
                "rests on the few rows where they differ."
            )
        ),
        remedy=(
            "Keep one of them, or join them into one attribute that is named for the bundle."
            if exact
            else "Read them as one bundle, or plan an experiment that varies them apart."
        ),
        statistic=strongest,
        threshold=EXPLAINED,
        blocks="design" if exact else "none",
        designs=designs if exact else (),
        attributes=fixed if exact else names,
        columns=names,
        detail=_table(measured, members),
    )


def _table(measured: _Together, members: list[int]) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "attribute": measured.names[one],
            "explained by the others": float(measured.explained[one]),
            "closest": measured.names[int(np.argmax(measured.pair[one]))],
            "association": float(measured.pair[one].max()),
        }
        for one in members
    )


def _apart(measured: _Together) -> Finding:
    strongest = float(measured.explained.max())
    return Finding(
        name="bundle",
        status=Status.PASS,
        meaning=(
            "The attributes can be told apart: the others explain at most "
            f"{strongest:.0%} of the variance of any one."
        ),
        statistic=strongest,
        threshold=EXPLAINED,
    )
