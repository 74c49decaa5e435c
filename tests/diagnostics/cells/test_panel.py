"""Whether every entity is seen in every period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causal.base.finding import Status
from causal.data.cells.cells import cells_of
from causal.diagnostics.cells import panel


def frame(entities: int = 40, periods: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "entity": np.repeat([f"e{i:02d}" for i in range(entities)], periods),
            "period": np.tile(np.arange(periods), entities),
            "adopted": np.repeat(np.where(np.arange(entities) % 2, 5.0, np.inf), periods),
            "y": 1.0,
        }
    )


def test_a_full_panel_passes() -> None:
    (finding,) = panel.check(cells_of(frame()))
    assert finding.status is Status.PASS


def test_a_few_missing_cells_are_counted() -> None:
    (finding,) = panel.check(cells_of(frame().drop(index=[3, 57])))
    assert finding.status is Status.WARN
    assert "2 cells (0.50%)" in finding.meaning


def test_many_missing_cells_stop_the_page() -> None:
    rng = np.random.default_rng(0)
    (finding,) = panel.check(cells_of(frame()[rng.random(400) > 0.3]))
    assert (finding.status, finding.blocks) == (Status.FAIL, "page")


def test_a_thinned_cohort_stops_the_page() -> None:
    rng = np.random.default_rng(0)
    full = frame()
    kept = full[(full.adopted != 5) | (rng.random(400) > 0.15)]
    (finding,) = panel.check(cells_of(kept))
    assert (finding.status, finding.blocks) == (Status.FAIL, "page")
    assert "different shares" in finding.meaning
