"""An interrupted run goes on where it was, and ends with the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal import workflow
from causal.design.study import Study
from causal.estimation import _fit
from causal.reporting._result import json_text, rounded


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=300), "a": rng.integers(2, size=300)})
    frame["y"] = frame.x + frame.a + rng.normal(size=300)
    study = Study(
        study="s",
        data={"source": "memory"},
        attributes=["a"],
        confounders=["x"],
        outcomes=[{"name": "y", "column": "y"}],
    )
    folder = tmp_path / "unfinished"
    expected = workflow.run(study, table=frame)

    def stop(what: str, _: float) -> None:
        if what == "fitting success models":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.run(study, table=frame, keep=folder, progress=stop)
    assert list(folder.iterdir())
    monkeypatch.setattr(_fit, "learn", lambda *_: pytest.fail("fitted twice"))
    again = workflow.run(study, table=frame, keep=folder)
    assert json_text(rounded(again.content)) == json_text(rounded(expected.content))
    assert not folder.exists()
