"""The stages together: the same for any number of workers, right on a platform, never a crash."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal import workflow
from causal.design.study import Study
from causal.reporting._result import json_text, rounded
from tests.evaluation.worlds import platform


def study_of(**changes: Any) -> Study:
    given: dict[str, Any] = {
        "study": "w",
        "data": {"source": "memory"},
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": ["x1"],
        "settings": {"folds": 3},
    }
    return Study(**(given | changes))


def world(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x1, x2 = rng.normal(size=(2, rows))
    a = (rng.random(rows) < 1 / (1 + np.exp(-x1))).astype(int)
    return pd.DataFrame(
        {
            "a": a,
            "x1": x1,
            "x2": x2,
            "y": a + x1 + rng.normal(size=rows),
            "c": rng.normal(size=rows),
            "k": rng.choice(list("pqr"), rows),
            "g": np.arange(rows) // 6,
            "h": np.arange(rows) % 20,
            "d": rng.poisson(20, rows) + 1,
            "e": (rng.random(rows) < 0.4).astype(int),
            "t": pd.date_range("2024-01-01", periods=rows, freq="D"),
        }
    )


def test_the_number_of_workers_changes_no_byte() -> None:
    study = study_of(
        attributes=["a", "c", "k"],
        block=["g"],
        cluster="g",
        modifiers=["h"],
        exploration="e",
        time="t",
    )
    texts = [
        json_text(rounded(workflow.run(study, table=world(), workers=workers).content))
        for workers in (1, 2)
    ]
    assert texts[0] == texts[1]


def test_the_order_of_the_tables_rows_and_columns_changes_no_byte() -> None:
    study = study_of(unit=["id"], modifiers=["k"])
    table = world().assign(id=range(240))
    mixed = table.sample(frac=1, random_state=0)[sorted(table.columns)]
    texts = [json_text(rounded(workflow.run(study, table=each).content)) for each in (table, mixed)]
    assert texts[0] == texts[1]


def test_the_callers_table_is_not_changed() -> None:
    table = world()
    before = table.copy()
    workflow.run(study_of(modifiers=["k"]), table=table, workers=1)
    pd.testing.assert_frame_equal(table, before)


def test_exploration_within_creator_recovers_the_truth_of_a_platform_and_naive_does_not() -> None:
    study = study_of(
        confounders=["topic"],
        block=["creator"],
        cluster="creator",
        exploration="explored",
    )
    content = workflow.run(study, table=platform()).content
    rows = {row["design"]: row for row in content["effects"] if row["segment"] is None}
    truth = 0.3
    off = {
        name: abs(row["estimate"] - truth) / row["std_error"]
        for name, row in rows.items()
        if row["estimate"] is not None
    }
    assert content["headline"] == "exploration x within"
    assert off["exploration x within"] < 2.5
    assert off["naive"] > 3
    assert off["adjusted"] > 3
    assert off["exploration"] > 3
    assert off["within"] > 3
    agreement = next(f for f in content["findings"] if f["name"] == "agreement of designs")
    assert agreement["status"] == "FAIL"


def test_negative_controls_and_mediators_stay_out_of_every_adjustment_set() -> None:
    study = study_of(mediators=["x2"], negative_controls=["c"])
    content = workflow.run(study, table=world(), workers=1).content
    assert all(design["adjustment"] in ({"a": []}, {"a": ["x1"]}) for design in content["designs"])
    used = {row["column"]: row["used"] for row in content["columns_in_out"]}
    assert not used["x2"]
    assert not used["c"]


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "30 rows": ({"rows": 30}, {}),
    "12 rows": ({"rows": 12}, {}),
    "one event": ({"y": lambda f: (f.index == 0).astype(int)}, {}),
    "an outcome that never varies": ({"y": lambda f: 0.0 * f.y}, {}),
    "four outcomes known": ({"y": lambda f: f.y.where(f.index < 4)}, {}),
    "attributes all continuous": ({}, {"attributes": ["c", "x2"]}),
    "no confounder, one attribute": ({}, {"confounders": []}),
    "no confounder, a continuous attribute": ({}, {"confounders": [], "attributes": ["c"]}),
    "an attribute twice": ({"b": lambda f: f.a}, {"attributes": ["a", "b"]}),
    "an attribute decided by a confounder": ({"a": lambda f: (f.x1 > 0).astype(int)}, {}),
    "a confounder that is never known": ({"x1": lambda f: np.nan * f.x1}, {}),
    "huge numbers": ({"y": lambda f: 1e12 * f.y, "x1": lambda f: 1e12 * f.x1}, {"attributes": ["a", "c"]}),
    "tiny numbers": ({"y": lambda f: 1e-12 * f.y}, {}),
    "a negative numerator": (
        {"n": lambda f: f.y * f.d},
        {"outcomes": [{"name": "r", "numerator": "n", "denominator": "d"}]},
    ),
    "boolean columns": ({"a": lambda f: f.a == 1, "b": lambda f: f.x2 > 0}, {"confounders": ["b"]}),
    "blocks and confounders": (
        {},
        {"block": ["g"], "cluster": "g", "modifiers": ["k"], "exploration": "e", "time": "t"},
    ),
    "two ways of clustering": ({}, {"cluster": ["g", "h"], "modifiers": ["k"]}),
    "one cluster": ({"g": lambda f: 0 * f.g}, {"cluster": "g"}),
    "two clusters": ({"g": lambda f: f.index % 2}, {"cluster": "g", "modifiers": ["k"]}),
    "five rows of exploration": ({"e": lambda f: (f.index < 5).astype(int)}, {"exploration": "e", "block": ["g"]}),
    "an attribute constant in exploration": (
        {"a": lambda f: f.a.where(f.e == 0, 0)},
        {"exploration": "e", "block": ["g"]},
    ),
    "a hundred levels": ({"z": lambda f: "z" + (f.index % 100).astype(str)}, {"confounders": ["z"]}),
    "a propensity near zero": (
        {"p": lambda f: np.where(f.index == 0, 1e-9, 0.5)},
        {"attributes": [{"name": "a", "propensity": "p"}]},
    ),
    "heavy tails": ({"y": lambda f: f.y**9}, {}),
    "denominators of zero": (
        {"d": lambda f: f.d.where(f.index % 3 > 0, 0), "n": lambda f: np.minimum(f.d, 3)},
        {"outcomes": [{"name": "r", "numerator": "n", "denominator": "d"}], "modifiers": ["k"]},
    ),
    "missing everywhere": (
        {
            "x1": lambda f: f.x1.where(f.index % 3 > 0),
            "y": lambda f: f.y.where(f.index % 7 > 0),
            "a": lambda f: f.a.where(f.index % 11 > 0),
        },
        {"modifiers": ["k", "x1"], "settings": {"folds": 3, "multiplicity": "holm"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_odd_tables_are_answered_or_refused_and_never_crash(name: str) -> None:
    columns, study = dict(CASES[name][0]), CASES[name][1]
    table = world(columns.pop("rows", 240))
    for column, made in columns.items():
        table[column] = made(table)
    content = rounded(workflow.run(study_of(**study), table=table, workers=1).content)
    assert "NaN" not in json_text(content)
    for row in content["effects"]:
        if row["verdict"] in ("raises", "lowers", "no clear effect", "ruled out"):
            assert all(_finite(row[key]) for key in ("estimate", "std_error", "ci_low", "ci_high"))
            assert row["std_error"] > 0
            assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
            assert row["simultaneous_low"] <= row["ci_low"]
        if row["verdict"] == "not estimable":
            assert row["estimate"] is None
            assert row["why"]
    assert not list(_infinite(content))


def _finite(value: object) -> bool:
    return isinstance(value, float | int) and math.isfinite(value)


def _infinite(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _infinite(each)
    elif isinstance(value, list):
        for each in value:
            yield from _infinite(each)
    elif isinstance(value, float) and not math.isfinite(value):
        yield value


def test_a_study_is_taken_by_its_file_its_values_or_as_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"a": rng.integers(0, 2, 300), "y": rng.normal(size=300)})
    table.to_csv(tmp_path / "rows.csv", index=False)
    values = {
        "study": "demo",
        "data": {"source": "rows.csv"},
        "attributes": ["a"],
        "assignment": "randomized",
        "outcomes": [{"name": "y", "column": "y"}],
    }
    file = tmp_path / "demo.yaml"
    file.write_text(json.dumps(values), "utf-8")
    read = causal.run(causal.read_study(file))
    assert causal.run(file).effects.equals(read.effects)
    assert causal.run(str(file)).effects.equals(read.effects)
    assert causal.run(values, table=table).effects["estimate"].equals(read.effects["estimate"])
    with pytest.raises(causal.StudyError, match="Give a study file"):
        causal.run(3)
