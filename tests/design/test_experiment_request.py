"""From an experiment's study to what is collected: columns, keys, covariates by metric."""

from __future__ import annotations

from typing import Any

import pytest

from causal.design.experiment import Experiment
from causal.design.experiment_request import experiment_request


def made(**given: Any) -> Experiment:
    return Experiment.model_validate(
        {
            "study": "s",
            "kind": "experiment",
            "data": {"source": "t.parquet", "tables": {"orders": "o.parquet"}},
            "unit": "u",
            "exposed_at": "e",
            "arms": {"column": "a", "control": "A"},
            "outcomes": [
                {"name": "y", "column": "y", "before": "y0"},
                {"name": "o", "table": "orders", "column": "amount", "at": "day", "days": 7},
                {"name": "q", "column": "ms", "type": "quantile", "quantile": 0.9},
            ],
            **given,
        }
    )


def test_every_column_is_asked_for_once_and_those_of_other_tables_there():
    asked = experiment_request(
        made(block=["b", "m"], modifiers=["m"], cluster="c", covariates=["x"])
    )
    assert asked.columns == ("u", "a", "c", "b", "m", "e", "x", "y0", "y", "ms")
    assert asked.columns_of("orders") == ("u", "amount", "day")
    assert asked.tables == ("orders",)
    assert asked.keys == ("b", "m")
    assert asked.table.key_of("amount") == "outcomes[1]"
    assert asked.table.key_of("y0") == "outcomes[0].before"


def test_a_covariate_serves_every_metric_or_those_it_names_and_no_quantile():
    covariates = ["x", {"name": "z", "for": "o"}, {"name": "y0", "for": ["o"]}]
    asked = experiment_request(made(covariates=covariates))
    assert asked.covariates == {"x": ("y", "o"), "z": ("o",), "y0": ("o", "y")}


@pytest.mark.parametrize("day", [None, "2026-02-28"])
def test_the_last_day_outcomes_cover_is_a_date(day):
    asked = experiment_request(made(observed_until=day))
    assert (asked.observed_until.isoformat() if asked.observed_until else None) == day
