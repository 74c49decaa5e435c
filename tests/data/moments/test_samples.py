"""Values of quantile metrics are those of the table, whatever the source and the order of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.data.moments.collect import collect
from causal.data.moments.collected import Sample
from causal.design.experiment import Experiment
from causal.design.experiment_request import experiment_request
from causal.design.reading import study_from


def frame(seed: int = 1, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({
        "user": np.arange(n), "arm": rng.choice(["A", "B"], n), "team": rng.integers(0, 40, n),
        "ms": rng.lognormal(3, 1, n).round(2), "y": rng.normal(size=n),
    })  # fmt: skip
    table["arm"] = np.where(table["team"] % 2 == 0, "A", "B")
    table.loc[::50, "ms"] = np.nan
    return table


def asked(**more: object) -> Experiment:
    made = study_from({
        "study": "s", "kind": "experiment", "data": {"source": "t.csv"}, "unit": "user",
        "arms": {"column": "arm", "control": "A"},
        "outcomes": [
            {"name": "y", "column": "y"},
            {"name": "p95", "column": "ms", "type": "quantile", "quantile": 0.95,
             "role": "secondary", "goal": "decrease"},
        ],
    } | more)  # fmt: skip
    assert isinstance(made, Experiment)
    return made


def read(study: Experiment, table: pd.DataFrame | None = None) -> Sample:
    return collect(experiment_request(study), frame=table).samples["p95"]


def test_they_are_the_values_of_each_arm() -> None:
    table = frame()
    found = read(asked(), table)
    for at, arm in enumerate(("A", "B")):
        own = table.loc[table["arm"] == arm, "ms"]
        assert np.array_equal(found.value[found.arm == at], np.sort(own.dropna()))
        assert found.missing[at] == own.isna().sum()
    assert found.cluster is None


def test_order_of_rows_and_source_change_nothing(tmp_path: Path) -> None:
    table = frame()
    one = read(asked(), table)
    mixed = read(asked(), table.sample(frac=1, random_state=1))
    table.to_csv(tmp_path / "t.csv", index=False)
    study = asked(data={"source": str(tmp_path / "t.csv")})
    for other in (mixed, read(study)):
        assert np.array_equal(one.value, other.value)
        assert np.array_equal(one.arm, other.arm)


def test_clusters_go_with_their_values() -> None:
    table = frame()
    found = read(asked(cluster="team"), table)
    assert found.cluster is not None
    known = table.dropna(subset="ms")
    sizes = np.sort(known.groupby("team").size().to_numpy())
    assert np.array_equal(np.sort(np.unique(found.cluster, return_counts=True)[1]), sizes)


def test_exposures_are_one_value_a_unit() -> None:
    table = frame()
    twice = pd.concat([table, table.assign(y=0.0)])
    found = read(asked(rows="exposure"), twice)
    once = read(asked(), table.assign(ms=2 * table["ms"]))
    assert found.value == pytest.approx(once.value)
