"""A control that shares a hidden cause is caught; one that does not passes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal import workflow
from causal.base.finding import Finding
from causal.design.identification import adjusted
from causal.design.study import Study
from causal.estimation._fit import fit_design
from causal.evaluation import negative_controls
from causal.evaluation._evaluated import Evaluated


def finding(*, hidden: float) -> Finding:
    rng = np.random.default_rng(4)
    n = 2_000
    u, x = rng.normal(size=(2, n))
    a = rng.random(n) < 1 / (1 + np.exp(-(x + hidden * u)))
    frame = pd.DataFrame({"x": x, "a": a, "y": a + x + u + rng.normal(size=n)})
    frame["before"] = x + u + rng.normal(size=n)
    study = Study(
        study="s",
        data={"source": "memory"},
        attributes=["a"],
        confounders=["x"],
        negative_controls=["before"],
        outcomes=[{"name": "y", "column": "y"}],
    )
    panel = workflow.read_panel(study, frame)
    design = adjusted.identify(study, panel)
    fit = fit_design(study, panel, design, second_opinions=False)
    evaluated = Evaluated(study=study, panel=panel, fits=(fit,), headline="adjusted")
    return negative_controls.check(evaluated)[0]


@pytest.mark.parametrize(("hidden", "status"), [(0.0, "PASS"), (1.0, "FAIL")])
def test_a_hidden_cause_shows_on_what_the_attribute_cannot_move(hidden: float, status: str) -> None:
    assert finding(hidden=hidden).status == status
