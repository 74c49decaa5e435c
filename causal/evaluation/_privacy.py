"""The privacy gate: a published slice has enough users and no creator above the dominance share."""

from __future__ import annotations

import numpy as np

from causal.data.panel import IntArray, Panel
from causal.design.study import Study


def hidden_cells(study: Study, panel: Panel, cells: list[IntArray]) -> list[str]:
    """Say for each slice why it is hidden, or nothing.

    Parameters
    ----------
    study, panel
        Their parties and limits.
    cells
        Row indices of each slice of one cut.

    Returns
    -------
    list of str
        One for each slice. When exactly one slice is hidden the smallest other one is hidden too,
        since the total would give the first away.
    """
    reasons = [_reason(study, panel, rows) for rows in cells]
    occupied = [i for i, rows in enumerate(cells) if rows.size]
    concealed = [i for i in occupied if reasons[i]]
    open_ = [i for i in occupied if not reasons[i]]
    if len(concealed) == 1 and len(open_) > 1:
        smallest = min(open_, key=lambda i: (cells[i].size, i))
        reasons[smallest] = "hidden so that another hidden slice cannot be worked out"
    return reasons


def _reason(study: Study, panel: Panel, rows: IntArray) -> str:
    parties = panel.parties or {}
    least = study.settings.minimum_cell
    users = int(np.unique(parties["user"][rows]).size) if "user" in parties else int(rows.size)
    if users < least:
        return f"hidden: {users} {'users' if 'user' in parties else 'units'}, fewer than {least}"
    if "creator" in parties and rows.size:
        largest = np.bincount(parties["creator"][rows]).max() / rows.size
        if largest > study.settings.dominance:
            return "hidden: one creator is nearly all of it"
    return ""
