"""Paths from items whose two views were randomised apart: what the ranker read, what users saw.

Separable effects (Robins, Richardson 2010): with Y(r, u) the outcome of an item that the ranker takes
to have the attribute (r) and users see with it (u), the ranker's part is Y(1, 0) - Y(0, 0), the
users' part Y(1, 1) - Y(1, 0), and the total is their sum, exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, Panel, PathRows
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._estimates import Estimates, Label
from causal.estimation._scores import Score, estimate

DESIGN = "separable cells"
Cell = tuple[bool, bool]
CELLS: dict[str, tuple[Cell, Cell]] = {
    "user": ((True, True), (True, False)),
    "ranker": ((True, False), (False, False)),
    "total": ((True, True), (False, False)),
}
"""By path the two cells that are compared: (what the ranker read, what users saw)."""


def separable(study: Study, panel: Panel) -> Estimates:
    """Differences between the means of randomised cells, by path and outcome.

    Parameters
    ----------
    study
        With ``exposure.ranked`` and ``exposure.shown`` and one attribute.
    panel
        One row for each item.

    Returns
    -------
    Estimates
        User, ranker and total of each outcome in turn; a part without one of its cells is refused.
    """
    rows = panel.paths
    if rows is None or rows.ranked is None or rows.shown is None:
        raise ValueError("The panel has no cells of what the ranker read and what users saw.")
    attribute = study.attributes[0]
    contrast = contrasts(attribute, panel.columns[attribute.name], np.ones(panel.rows, dtype=bool))[
        0
    ]
    label = Label(
        attribute=attribute.name,
        contrast=contrast.label,
        outcome="",
        estimand="per item",
        design=DESIGN,
        estimator="difference of cells",
        population="items of the randomised cells",
        identification="randomized",
    )
    return estimate(
        [
            _score(panel, rows, outcome, replace(label, outcome=outcome.name, path=path))
            for outcome in study.outcomes
            for path in CELLS
        ],
        panel,
    )


def _score(panel: Panel, rows: PathRows, outcome: Outcome, label: Label) -> Score:
    measured = panel.outcomes[outcome.name]
    known = ~np.isnan(measured.value)
    high, low = (known & in_cell(rows, cell) for cell in CELLS[label.path])
    keep = np.flatnonzero(high | low)
    y, w = measured.value[keep], measured.weight[keep]
    on, off = w * high[keep], w * low[keep]
    missing = [
        cell for cell, mask in zip(CELLS[label.path], (high, low), strict=True) if not mask.any()
    ]
    return Score(
        label=label,
        rows=keep,
        high=np.column_stack([on * y, on]),
        low=np.column_stack([off * y, off]),
        base=np.column_stack([off * y, off]),
        treated=high[keep],
        pull=on / max(on.sum(), 1e-300) - off / max(off.sum(), 1e-300),
        weight=w,
        refusal=f"no item {words(missing[0])}" if missing else "",
    )


def in_cell(rows: PathRows, cell: Cell) -> BoolArray:
    """Rows of a cell: what the ranker read, what users saw; shape (rows,)."""
    if rows.ranked is None or rows.shown is None:
        raise ValueError("The panel has no cells of what the ranker read and what users saw.")
    return np.asarray((rows.ranked == cell[0]) & (rows.shown == cell[1]))


def words(cell: Cell) -> str:
    """Say a cell.

    >>> words((True, False))
    'that the ranker takes to have it and users see without it'
    """
    took = "takes to have it" if cell[0] else "takes to be without it"
    return f"that the ranker {took} and users see {'with' if cell[1] else 'without'} it"
