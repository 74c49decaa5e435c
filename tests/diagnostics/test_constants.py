"""Columns with a single value are named by what they stop."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.constants import check

Make = Callable[..., Any]
Y = {"y": np.arange(10.0)}


def test_an_attribute_that_everyone_has_stops_its_design(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": np.ones(10)}, Y))
    assert (found.status, found.blocks, found.attributes) == (Status.FAIL, "design", ("a",))
    assert "'a' = true" in found.meaning


def test_an_attribute_with_no_value_at_all_fails(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": np.full(10, np.nan)}, Y))
    assert found.status is Status.FAIL
    assert "missing" in found.meaning


def test_a_constant_outcome_fails_and_stops_all_only_when_it_is_the_only_one(
    study: Make, panel: Make
) -> None:
    a = {"a": np.arange(10) % 2}
    (alone,) = check(study(), panel(a, {"y": np.ones(10)}))
    (beside,) = check(study(), panel(a, Y | {"z": np.ones(10)}))
    assert (alone.status, alone.blocks) == (Status.FAIL, "design")
    assert (beside.status, beside.blocks) == (Status.FAIL, "none")


def test_a_constant_confounder_is_a_warning(study: Make, panel: Make) -> None:
    made = panel({"a": np.arange(10) % 2, "x": np.full(10, 3.0)}, Y)
    (found,) = check(study(confounders=["x"]), made)
    assert (found.status, found.columns) == (Status.WARN, ("x",))


def test_columns_that_vary_pass(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": np.arange(10) % 2}, Y))
    assert found.status is Status.PASS
