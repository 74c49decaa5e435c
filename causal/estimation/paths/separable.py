"""Paths from items whose two views were randomised apart: what the ranker read, what users saw.

Separable effects (Robins, Richardson 2010): with Y(r, u) the outcome of an item that the ranker takes
to have the attribute (r) and users see with it (u), the ranker's part is Y(1, 0) - Y(0, 0), the
users' part Y(1, 1) - Y(1, 0), and the total is their sum, exactly. What is held fixed beside makes
them sharper: the cells are then levels of one attribute, read by the doubly robust score that every
adjusted design has.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, Column, Panel, PathRows
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._contrasts import contrasts
from causal.estimation._estimates import Estimates, Label
from causal.estimation._estimator import Setting
from causal.estimation._nuisances import learn
from causal.estimation._scores import Score, estimate
from causal.estimation.aipw import AIPW

DESIGN = "separable cells"
Cell = tuple[bool, bool]
CELLS: dict[str, tuple[Cell, Cell]] = {
    "user": ((True, True), (True, False)),
    "ranker": ((True, False), (False, False)),
    "total": ((True, True), (False, False)),
}
"""By path the two cells that are compared: (what the ranker read, what users saw)."""


UNREAD: tuple[Cell, Cell] = ((False, True), (False, False))
"""Users' part where the ranker does not read the attribute; no part is made of its first cell."""

ORDER: tuple[Cell, ...] = ((False, False), (True, False), (True, True))
LEVELS = ("neither", "ranker alone", "both")
_CELL = "cell of what the ranker read and users saw"
_CONTRASTS = {
    "user": "both - ranker alone",
    "ranker": "ranker alone - neither",
    "total": "both - neither",
}


def separable(
    study: Study, panel: Panel, *, held: tuple[str, ...] = (), workers: int = 1
) -> Estimates:
    """Differences between the means of randomised cells, by path and outcome.

    Parameters
    ----------
    study
        With ``exposure.ranked`` and ``exposure.shown`` and one attribute.
    panel
        One row for each item.
    held
        Columns known before, which take noise out; without them, in one fold, or without one of the
        cells, means are compared as they are.
    workers
        Models fitted at a time.

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
    learned = held and np.unique(panel.folds).size > 1
    if learned and all(in_cell(rows, cell).any() for cell in ORDER):
        return estimate(_adjusted(study, panel, rows, held, label, workers), panel)
    return estimate(
        [
            _score(panel, rows, outcome, replace(label, outcome=outcome.name, path=path), cells)
            for outcome in study.outcomes
            for path, cells in CELLS.items()
        ],
        panel,
    )


def users_by_view(study: Study, panel: Panel) -> Estimates:
    """What users see where the ranker reads the attribute, and where it does not, of each outcome.

    Means of cells as they are; the second needs the fourth cell, which users see with it and the ranker
    takes to be without it.
    """
    rows = panel.paths
    if rows is None:
        raise ValueError("The study does not say how exposure came about.")
    label = Label(
        attribute=study.attributes[0].name, contrast="", outcome="", estimand="per item",
        design=DESIGN, estimator="difference of cells",
        population="items of the randomised cells", identification="randomized", path="user",
    )  # fmt: skip
    return estimate(
        [
            _score(panel, rows, outcome, replace(label, outcome=outcome.name), cells)
            for outcome in study.outcomes
            for cells in (CELLS["user"], UNREAD)
        ],
        panel,
    )


def _score(
    panel: Panel, rows: PathRows, outcome: Outcome, label: Label, cells: tuple[Cell, Cell]
) -> Score:
    measured = panel.outcomes[outcome.name]
    known = ~np.isnan(measured.value)
    high, low = (known & in_cell(rows, cell) for cell in cells)
    keep = np.flatnonzero(high | low)
    y, w = measured.value[keep], measured.weight[keep]
    on, off = w * high[keep], w * low[keep]
    missing = [cell for cell, mask in zip(cells, (high, low), strict=True) if not mask.any()]
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


def _adjusted(
    study: Study,
    panel: Panel,
    rows: PathRows,
    held: tuple[str, ...],
    label: Label,
    workers: int,
) -> list[Score]:
    """Scores of the cells as levels of one attribute, user, ranker and total of each outcome."""
    code = np.full(panel.rows, np.nan)
    for at, cell in enumerate(ORDER):
        code[in_cell(rows, cell)] = at
    column = Column(name=_CELL, kind=Kind.CATEGORICAL, values=code, levels=LEVELS)
    wide = replace(panel, columns={**panel.columns, _CELL: column})
    design = Design(
        name=DESIGN,
        identification="randomized",
        population=label.population,
        assumptions=(),
        adjustment={_CELL: held},
        claims=True,
        rows=~np.isnan(code),
    )
    against = [
        study.model_copy(update={"attributes": (_attribute(reference),)})
        for reference in LEVELS[:2]
    ]
    nuisances = learn(against[0], wide, design, Boosting(), workers)
    found = {
        (score.label.outcome, score.label.contrast): score
        for asked in against
        for score in AIPW().scores(
            Setting(study=asked, panel=wide, design=design, nuisances=nuisances)
        )
    }
    return [
        replace(
            found[outcome.name, contrast],
            label=replace(label, outcome=outcome.name, path=path, estimator="aipw"),
        )
        for outcome in study.outcomes
        for path, contrast in _CONTRASTS.items()
    ]


def _attribute(reference: str) -> Attribute:
    return Attribute(name=_CELL, kind=Kind.CATEGORICAL, reference=reference)


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
