"""Rows that repeat others are told from rows that are alike by chance."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.duplicates import check

Make = Callable[..., Any]


def test_copied_rows_are_a_warning_with_their_share(study: Make, panel: Make) -> None:
    rng = np.random.default_rng(0)
    row = np.concatenate([np.arange(450), np.arange(50)])
    x, y, a = rng.normal(size=450)[row], rng.normal(size=450)[row], rng.integers(0, 2, 450)[row]
    (found,) = check(study(), panel({"a": a, "x": x}, {"y": y}))
    assert found.status is Status.WARN
    assert found.statistic == 0.1


def test_distinct_rows_pass(study: Make, panel: Make) -> None:
    x = np.random.default_rng(0).normal(size=300)
    (found,) = check(study(), panel({"a": np.arange(300) % 2, "x": x}, {"y": x}))
    assert (found.status, found.statistic) == (Status.PASS, 0.0)


def test_rows_alike_by_chance_in_coarse_columns_pass(study: Make, panel: Make) -> None:
    rng = np.random.default_rng(0)
    made = panel({"a": rng.integers(0, 2, 500)}, {"y": rng.integers(0, 2, 500)})
    (found,) = check(study(), made)
    assert found.status is Status.PASS
    assert found.statistic is not None
    assert found.statistic > 0.9


def test_arms_that_differ_in_no_attribute_are_counted(study: Make, panel: Make) -> None:
    made = panel(
        {"a": [0, 0, 1, 0, 1, 1]}, {"y": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}, block=[0, 0, 0, 1, 1, 1]
    )
    arms = check(study(block="b"), made)[1]
    assert arms.name == "arms alike"
    assert arms.statistic == 2 / 6
