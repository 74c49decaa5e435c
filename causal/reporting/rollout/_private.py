"""What may be shown of those that adopt together: enough users, and no creator that is nearly all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray
from causal.design.rollout import Rollout

Place = tuple[int, int]
FEW_ROWS = "hidden: fewer rows than may be shown"
FEW_USERS = "hidden: fewer users than may be shown"
DOMINATED = "hidden: one creator is nearly all of it"
OTHERS = "hidden, so that another hidden one cannot be worked out"


def reason(study: Rollout, cells: Cells, slices: Sequence[Place]) -> str:
    """Why cohorts in periods may not be shown as one, or nothing.

    Users of several are at least those of the largest one; a creator's share is at most the mean of
    the largest shares. Without parties only rows that are exposures are counted.

    Parameters
    ----------
    slices
        Places of the cohort's period of adoption and of the period.
    """
    rows = np.array([cells.rows[cells.adopted == g, t].sum() for g, t in slices], dtype=float)
    if cells.users is not None:
        if _most(cells, cells.users, slices).max(initial=0.0) < study.settings.minimum_cell:
            return FEW_USERS
    elif study.rows == "exposure" and rows.sum() < study.settings.minimum_cell:
        return FEW_ROWS
    if cells.largest is not None and rows.sum() > 0:
        share = float(_most(cells, cells.largest, slices) @ rows / rows.sum())
        if share > study.settings.dominance:
            return DOMINATED
    return ""


def _most(cells: Cells, values: FloatArray, slices: Sequence[Place]) -> FloatArray:
    """The largest value of a cohort's entities: where several dates are one cohort they differ."""
    return np.array(
        [np.nan_to_num(values[cells.adopted == g, t]).max(initial=0.0) for g, t in slices]
    )


def hidden_cells(study: Rollout, cells: Cells, at: Sequence[Place]) -> dict[int, str]:
    """Places of effects that may not be shown, and of others from which they could be worked out.

    Of a cohort, a period or a time since adoption no single effect is hidden alone, since their
    average is shown.
    """
    if study.rows == "cell" and cells.users is None and cells.largest is None:
        return {}
    found = {place: why for place, one in enumerate(at) if (why := reason(study, cells, (one,)))}
    rows = [float(cells.rows[cells.adopted == g, t].sum()) for g, t in at]
    keys = [(g, t, t - g) for g, t in at]
    lines = [
        [place for place, (g, t) in enumerate(at) if t >= g and keys[place][way] == key]
        for way in range(3)
        for key in sorted({each[way] for each in keys})
    ]
    while again := [
        line for line in lines if sum(place in found for place in line) == 1 < len(line)
    ]:
        open_ones = [place for place in again[0] if place not in found]
        found[min(open_ones, key=lambda place: (rows[place], place))] = OTHERS
    return found


def hidden_averages(
    study: Rollout,
    cells: Cells,
    groups: Sequence[Sequence[Place]],
    alone: frozenset[Place],
) -> dict[int, str]:
    """Places of averages that may not be shown.

    Parameters
    ----------
    groups
        Cells behind each average.
    alone
        Cells that may not be shown: an average of one of them is it.
    """
    if study.rows == "cell" and cells.users is None and cells.largest is None:
        return {}
    found = {}
    for place, group in enumerate(groups):
        same = len(group) == 1 and group[0] in alone
        why = reason(study, cells, group) or (OTHERS if same else "")
        if group and why:
            found[place] = why
    after = [place for place, group in enumerate(groups) if any(t >= g for g, t in group)]
    open_ones = [place for place in after if place not in found]
    if len(after) - len(open_ones) == 1 and open_ones:
        rows = [
            sum(float(cells.rows[cells.adopted == g, t].sum()) for g, t in one) for one in groups
        ]
        found[min(open_ones, key=lambda place: (rows[place], place))] = OTHERS
    return found
