"""Fits of every design of a frame, ready for the checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from causal.design.design import headline
from causal.estimation._boosting import Boosting
from causal.estimation._fit import fit_design
from causal.evaluation._evaluated import Evaluated
from causal.workflow import identify
from tests.estimation.conftest import panel_of, study_of

Evaluate = Callable[..., Evaluated]


@pytest.fixture
def evaluate() -> Evaluate:
    """Fit every design of a frame."""

    def fitted(frame: pd.DataFrame, boosting: Boosting | None = None, **changes: Any) -> Evaluated:
        study = study_of(**changes)
        panel = panel_of(frame, study)
        designs = identify(study, panel)
        return Evaluated(
            study=study,
            panel=panel,
            fits=tuple(fit_design(study, panel, each, boosting=boosting) for each in designs),
            headline=headline(designs, randomized=study.assignment == "randomized"),
        )

    return fitted
