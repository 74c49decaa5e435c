"""Folds for cross-fitting: each must hold every arm of every attribute."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import Column, IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import arms, attributes, quoted


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Count the rows of each arm in each fold; an arm that a fold lacks is a FAIL.

    Folds follow a hash of the cluster and are not stratified, so few clusters or a rare arm may
    leave one without. The nuisances of that attribute are then not out of fold in every arm.
    """
    if not panel.rows:
        return ()
    used = np.unique(panel.folds)
    lacking: list[dict[str, Cell]] = [
        row for column in attributes(study, panel) for row in _lacking(column, panel.folds, used)
    ]
    names = tuple(dict.fromkeys(str(row["attribute"]) for row in lacking))
    empty = study.settings.folds - used.size
    if lacking:
        return (_without(names, tuple(lacking)),)
    few = used.size < 2
    return (
        Finding(
            name="folds",
            status=Status.FAIL if few else Status.WARN if empty > 0 else Status.PASS,
            meaning=(
                "All rows fall into one fold, so nothing can be predicted out of fold."
                if few
                else f"{empty} of {study.settings.folds} folds are empty; the rest hold all arms."
                if empty > 0
                else f"Each of the {used.size} folds holds every arm of every attribute."
            ),
            remedy="There are few clusters: set settings.folds lower." if empty > 0 else "",
            blocks="design" if few else "none",
            designs=("adjusted",) if few else (),
            statistic=float(used.size),
        ),
    )


def _lacking(column: Column, folds: IntArray, used: IntArray) -> list[dict[str, Cell]]:
    found: list[dict[str, Cell]] = []
    for label, rows in arms(column):
        counts = np.bincount(folds[rows], minlength=int(used.max()) + 1)[used]
        found += [
            {"attribute": column.name, "arm": label, "fold": int(fold)}
            for fold in used[counts == 0]
        ]
    return found


def _without(names: tuple[str, ...], detail: tuple[dict[str, Cell], ...]) -> Finding:
    return Finding(
        name="folds",
        status=Status.FAIL,
        meaning=(
            f"Some folds hold no row of an arm of {quoted(names)}, so its adjusted effect "
            "cannot be cross-fitted."
        ),
        remedy=(
            "Set settings.folds lower, or merge or leave out the rare level. An arm that lies in "
            "few clusters says little about any effect."
        ),
        statistic=float(len(detail)),
        threshold=0.0,
        blocks="design",
        designs=("adjusted",),
        attributes=names,
        columns=names,
        detail=detail[:50],
    )
