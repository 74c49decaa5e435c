"""A projected long run is on the page with its record, decides nothing, and greys with the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.base.errors import DataError
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded
from tests.reporting.experiment.conftest import frame, study

SPREAD, UNITS = 0.04, 1_500


def past(folder: Path, *, experiments: int = 30, slope: float = 1.0, left: float = 0.004) -> Path:
    """Effects on revenue and hides, and on late visits, which follow revenue."""
    rng = np.random.default_rng(7)
    true = SPREAD * rng.standard_normal((experiments, 2))
    long = slope * true[:, 0] + left * rng.standard_normal(experiments)
    error = np.array([0.006, 0.01, 0.008])
    seen = np.column_stack([true, long]) + error * rng.standard_normal((experiments, 3))
    rows = [
        (f"e{i:02d}", "B", name, seen[i, j], error[j])
        for i in range(experiments)
        for j, name in enumerate(("revenue", "hides", "late_visits"))
    ]
    columns = ["experiment", "arm", "metric", "effect", "std_error"]
    file = folder / f"past-{experiments}-{slope}.csv"
    pd.DataFrame(rows, columns=columns).to_csv(file, index=False)
    return file


def asked(file: Path, **more: Any) -> Any:
    given = {"target": "late_visits", "from": ["revenue", "hides"], "past": str(file)} | more
    return study(projection=given)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return frame(units=UNITS)


@pytest.fixture(scope="module")
def plain(table: pd.DataFrame) -> Result:
    return causal.run(study(), table=table)


@pytest.fixture(scope="module")
def projected(tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame) -> Result:
    return causal.run(asked(past(tmp_path_factory.mktemp("past"))), table=table)


def shown(result: Result) -> dict[str, object]:
    return {each.id: each for each in sections(rounded(result.content))}


def words(result: Result) -> str:
    return " ".join(result.text().split())


def test_it_is_shown_with_its_record(projected: Result) -> None:
    found = projected.content["projection"]
    (arm,) = found["arms"]
    revenue = projected.content["comparisons"][0]["relative"]["value"]
    assert found["shorts"][0]["value"] == pytest.approx(revenue)
    assert arm["low"] < revenue < arm["high"]
    assert found["past"]["experiments"] == len(found["record"]["rows"]) == 30
    signs = found["record"]["signs"]
    page = words(projected)
    assert "It is a hint: the verdict does not read it, and it is no reason to ship." in page
    assert f"{signs['hits']} of {signs['of']}" in page
    assert "through the same paths" in page
    assert "Errors of different metrics are taken as independent" in page
    assert "Tripuraneni" in page
    assert "Projected effect" in projected.html()
    assert "Its record is" not in page


def test_the_verdict_and_every_other_number_are_the_same_without_it(
    projected: Result, plain: Result
) -> None:
    one, other = (rounded(each.content) for each in (projected, plain))
    for key in ("decision", "comparisons", "effects", "precision", "verdicts", "changes"):
        assert one[key] == other[key]
    assert "projection" not in other
    assert "long-run" not in shown(plain)


def test_the_same_study_gives_the_same_bytes(
    projected: Result, table: pd.DataFrame, tmp_path: Path
) -> None:
    again = causal.run(asked(past(tmp_path)), table=table).content["projection"]
    assert {**again, "past": None} == {**projected.content["projection"], "past": None}


def test_a_poor_record_is_said_before_the_projection(table: pd.DataFrame, tmp_path: Path) -> None:
    file = past(tmp_path, slope=0.0, left=SPREAD)
    page = words(causal.run(asked(file), table=table))
    assert "Its record is poor." in page
    assert "winners in the long run." in page
    assert page.index("Its record is poor") < page.index("From the effects on revenue")


def test_what_cannot_be_projected_is_said_in_words(table: pd.DataFrame, tmp_path: Path) -> None:
    few = causal.run(asked(past(tmp_path, experiments=8)), table=table)
    assert "Not projected: 8 past experiments have every metric" in words(few)
    far = causal.run(asked(past(tmp_path)), table=frame(lift=0.8, units=UNITS))
    assert "what lies beyond the past is not projected" in words(far)
    assert far.content["projection"]["record"] is not None
    far.html()


def test_nothing_is_projected_of_an_invalid_experiment_or_on_a_shared_pool(tmp_path: Path) -> None:
    file = past(tmp_path)
    broken = causal.run(asked(file), table=frame(lost=0.3, units=UNITS))
    pooled = causal.run(asked(file).model_copy(update={"side": "creator"}), table=frame(units=999))
    for each in (broken, pooled):
        assert each.content["projection"] is None
        assert "long-run" not in shown(each)


def test_a_past_that_lacks_a_metric_is_an_error(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no effects on 'early'"):
        causal.run(asked(past(tmp_path), target="early"), table=table)


def test_effects_may_be_absolute(table: pd.DataFrame, tmp_path: Path) -> None:
    file = past(tmp_path)
    made = pd.read_csv(file)
    made.loc[made["metric"] == "revenue", ["effect", "std_error"]] *= 10.0
    made.to_csv(file, index=False)
    found = causal.run(asked(file, scale="absolute"), table=table)
    effect = found.content["comparisons"][0]["effect"]["value"]
    assert found.content["projection"]["shorts"][0]["value"] == pytest.approx(effect)
    assert "From the effects on revenue +" in words(found)
