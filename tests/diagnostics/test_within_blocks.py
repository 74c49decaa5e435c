"""Blocks that say nothing about an attribute are counted and described."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.blocks import check

Make = Callable[..., Any]


def test_blocks_that_all_vary_pass(study: Make, panel: Make) -> None:
    row = np.arange(60)
    (found,) = check(study(block="b"), panel({"a": row % 2}, block=row // 2))
    assert (found.status, found.statistic) == (Status.PASS, 1.0)


def test_four_informative_blocks_stop_the_design_within(study: Make, panel: Make) -> None:
    row = np.arange(100)
    a = np.where(row < 8, row % 2, (row // 2) % 2)
    (found,) = check(study(block="b"), panel({"a": a}, block=row // 2))
    assert (found.status, found.blocks) == (Status.FAIL, "design")
    assert found.designs == ("within", "exploration x within")
    assert (found.attributes, found.statistic) == (("a",), 4)


def test_few_informative_rows_are_a_warning_that_says_who_is_left_out(
    study: Make, panel: Make
) -> None:
    row = np.arange(200)
    a = np.where(row < 20, row % 2, 0)
    y = np.where(row < 20, 3.0, 1.0)
    (found,) = check(study(block="b"), panel({"a": a}, {"y": y}, block=row // 2))
    assert found.status is Status.WARN
    assert found.detail[0] == {
        "attribute": "a", "blocks": 100, "informative": 10, "rows_used": 0.1,
        "y used": 3.0, "y left out": 1.0,
    }  # fmt: skip


def test_a_missing_value_is_no_variation(study: Make, panel: Make) -> None:
    a = np.tile([1.0, np.nan], 30)
    a[:6] = [0, 1] * 3
    (found,) = check(study(block="b"), panel({"a": a}, block=np.arange(60) // 2))
    assert found.statistic == 3


def test_without_blocks_it_does_not_apply(study: Make, panel: Make) -> None:
    assert check(study(), panel({"a": [0, 1]})) == ()
