"""A few rows that carry the answer are said."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.shape import check

Make = Callable[..., Any]


def test_a_heavy_tail_is_a_warning(study: Make, panel: Make) -> None:
    y = np.where(np.arange(500) < 5, 1000.0, 1.0)
    (found,) = check(study(), panel({"a": np.arange(500) % 2}, {"y": y}))
    assert found.status is Status.WARN
    assert found.statistic == 5000 / 5495


def test_an_even_outcome_passes(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": np.arange(500) % 2}, {"y": np.arange(500.0)}))
    assert found.status is Status.PASS


def test_weights_that_leave_a_tenth_of_the_rows_are_a_warning(study: Make, panel: Make) -> None:
    weight = np.where(np.arange(100) < 2, 1e6, 1.0)
    (found,) = check(study(weight="w"), panel({"a": np.arange(100) % 2}, weight=weight))
    assert (found.name, found.status) == ("uneven weights", Status.WARN)


def test_even_weights_pass(study: Make, panel: Make) -> None:
    weight = 1.0 + np.arange(100) % 2
    (found,) = check(study(weight="w"), panel({"a": np.arange(100) % 2}, weight=weight))
    assert found.status is Status.PASS
