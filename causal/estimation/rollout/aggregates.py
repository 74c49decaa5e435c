"""Averages of group-time effects: overall, by event time, by cohort, by calendar period."""

from __future__ import annotations

from typing import Literal

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.rollout.blocks import ONE_CLUSTER, in_blocks
from causal.estimation.rollout.group_time import FEW_CLUSTERS, GroupTime

Kind = Literal["cells", "overall", "event", "cohort", "calendar"]
_SEGMENTS = {
    "cells": "cohort x period",
    "overall": None,
    "event": "event time",
    "cohort": "cohort",
    "calendar": "calendar",
}


def aggregates(found: GroupTime, cells: Cells, kind: Kind, *, name: str = "rollout") -> Estimates:
    """Average group-time effects by how many entities each stands for.

    ``overall``: all from adoption on; ``event``: by periods since adoption, those before too;
    ``cohort`` and ``calendar``: all from adoption on of one cohort, or of one period; ``cells``:
    each by itself. Effects without a value are left out of an average.

    Parameters
    ----------
    name
        What was rolled out, for the labels.

    Returns
    -------
    Estimates
        In the order of event times, cohorts or periods; the shares of cohorts count as estimated,
        but the variance is given their sizes (:mod:`causal.estimation.rollout.blocks`).
    """
    groups = _groups(found, kind)
    shares = _shares(found, cells)
    values, influence = np.zeros(len(groups)), np.zeros((len(cells.entities), len(groups)))
    baseline, level = values.copy(), influence.copy()
    labels, sizes, refusal = [], [], []
    for place, (key, index) in enumerate(groups):
        usable = index[np.isfinite(found.values[index])]
        values[place], influence[:, place] = _averaged(
            found.values, found.influence, usable, found, cells, shares
        )
        baseline[place], level[:, place] = _averaged(
            found.baseline, found.baseline_influence, usable, found, cells, shares
        )
        labels.append(_label(found, cells, kind, key, name))
        treated = np.asarray(found.treated[:, usable].any(axis=1))
        controls = np.asarray(found.controls[:, usable].any(axis=1))
        sizes.append(_size(cells, treated, controls))
        refusal.append(_refusal(found, cells, index, usable, treated, controls))
    return in_blocks(
        values,
        influence,
        baseline,
        level,
        cells=cells,
        labels=tuple(labels),
        sizes=tuple(sizes),
        refusal=tuple(refusal),
    )


def averaged_influence(found: GroupTime, cells: Cells, kind: Kind) -> tuple[FloatArray, FloatArray]:
    """Averages (p,) and their influence (I, p), before the sizes of cohorts are taken as given."""
    shares = _shares(found, cells)
    made = [
        _averaged(found.values, found.influence, index, found, cells, shares)
        for _, index in _groups(found, kind)
    ]
    return np.array([value for value, _ in made]), np.column_stack([one for _, one in made])


def balanced(found: GroupTime, last: int) -> GroupTime:
    """Effects up to ``last`` periods after adoption, of the cohorts that are seen in all of them.

    The event study of these has the same cohorts in every event time from adoption on.
    """
    event = found.period - found.cohort
    whole = [
        g
        for g in np.unique(found.cohort)
        if np.isfinite(found.values[(found.cohort == g) & (event >= 0) & (event <= last)]).sum()
        == last + 1
    ]
    return found.select(np.flatnonzero(np.isin(found.cohort, whole) & (event <= last)))


def composition(found: GroupTime, kind: Kind) -> tuple[tuple[int, ...], ...]:
    """Places of the cohorts that each average is made of."""
    return tuple(
        tuple(int(g) for g in np.unique(found.cohort[index[np.isfinite(found.values[index])]]))
        for _, index in _groups(found, kind)
    )


def _groups(found: GroupTime, kind: Kind) -> list[tuple[int, IntArray]]:
    """The key of each average, and the effects in it."""
    cohort, period = found.cohort, found.period
    after = period >= cohort
    if kind == "cells":
        return [(j, np.array([j])) for j in range(len(found))]
    if kind == "overall":
        return [(0, np.flatnonzero(after))]
    if kind == "event":
        key, among = period - cohort, np.ones(len(found), dtype=bool)
    else:
        key, among = (cohort if kind == "cohort" else period), after
    return [(int(each), np.flatnonzero(among & (key == each))) for each in np.unique(key[among])]


def _shares(found: GroupTime, cells: Cells) -> FloatArray:
    """Share of entities in the cohort of each effect, (k,), by their size."""
    weight = cells.weight / cells.weight.mean()
    return np.array([(weight * (cells.adopted == g)).mean() for g in found.cohort])


def _averaged(
    values: FloatArray,
    influence: FloatArray,
    index: IntArray,
    found: GroupTime,
    cells: Cells,
    shares: FloatArray,
) -> tuple[float, FloatArray]:
    """A weighted mean and its influence, that of estimated shares included."""
    entities = len(cells.entities)
    if not index.size:
        return float("nan"), np.zeros(entities)
    share = shares[index]
    weight = share / share.sum()
    size = cells.weight / cells.weight.mean()
    drawn = size[:, None] * (cells.adopted[:, None] == found.cohort[index]) - share
    drawn = drawn / entities
    moved = (drawn - weight * drawn.sum(axis=1, keepdims=True)) / share.sum()
    return float(weight @ values[index]), influence[:, index] @ weight + moved @ values[index]


def _refusal(
    found: GroupTime,
    cells: Cells,
    index: IntArray,
    usable: IntArray,
    treated: BoolArray,
    controls: BoolArray,
) -> str:
    if not usable.size:
        return found.refusal[index[0]] if index.size else "there is no period after adoption"
    if found.alone[usable].any():
        g = int(found.cohort[usable][found.alone[usable]][0])
        return f"{ONE_CLUSTER}: cohort {cells.periods[g]}"
    if index.size > 1 and usable.size < index.size / 2:
        return "more than half of its cells have nobody to compare with"
    for who, among in (("treated", treated), ("compared with", controls)):
        clusters = len(np.unique(cells.cluster[among]))
        if clusters < FEW_CLUSTERS:
            return f"{clusters} {who}, and {FEW_CLUSTERS} are needed"
    return ""


def _size(cells: Cells, treated: BoolArray, controls: BoolArray) -> Size:
    units = int((treated | controls).sum())
    weight = cells.weight[treated | controls]
    square = float((weight**2).sum())
    return Size(
        units=units,
        clusters=len(np.unique(cells.cluster[treated | controls])),
        treated=float(treated.sum()),
        effective_units=float(weight.sum()) ** 2 / square if square > 0 else 0.0,
    )


def _label(found: GroupTime, cells: Cells, kind: Kind, key: int, name: str) -> Label:
    if kind == "cells":
        g, t = found.labels[key]
        value: str | None = f"{cells.periods[g]}, {cells.periods[t]}"
    elif kind == "overall":
        value = None
    else:
        value = str(key) if kind == "event" else cells.periods[key]
    return Label(
        attribute=name,
        contrast="adopted - not adopted",
        outcome=found.outcome,
        estimand="ATT",
        design="rollout",
        estimator="doubly robust" if cells.covariate_names else "group-time",
        population="adopters",
        identification="natural experiment",
        segment=_SEGMENTS[kind],
        segment_value=value,
    )
