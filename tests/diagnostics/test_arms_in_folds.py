"""Every fold must hold every arm."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.folds import check

Make = Callable[..., Any]


def test_folds_that_hold_every_arm_pass(study: Make, panel: Make) -> None:
    row = np.arange(50)
    (found,) = check(study(), panel({"a": row // 5 % 2}, folds=row % 5))
    assert found.status is Status.PASS


def test_a_fold_without_an_arm_fails_the_adjusted_design(study: Make, panel: Make) -> None:
    row = np.arange(50)
    a = (row // 5 % 2) * (row % 5 != 3)
    (found,) = check(study(), panel({"a": a, "b": row // 5 % 2}, folds=row % 5))
    assert (found.status, found.blocks, found.designs) == (Status.FAIL, "design", ("adjusted",))
    assert found.attributes == ("a",)
    assert found.detail == ({"attribute": "a", "arm": "true", "fold": 3},)


def test_an_empty_fold_is_a_warning(study: Make, panel: Make) -> None:
    row = np.arange(40)
    (found,) = check(study(), panel({"a": row // 4 % 2}, folds=row % 4))
    assert found.status is Status.WARN


def test_all_rows_in_one_fold_fail(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": np.arange(10) % 2}, folds=np.zeros(10, dtype=int)))
    assert (found.status, found.blocks) == (Status.FAIL, "design")
