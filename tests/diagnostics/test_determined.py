"""An attribute that the confounders add up to cannot be adjusted."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.determined import check

Make = Callable[..., Any]


def test_weekend_among_flags_of_its_days_fails_the_adjusted_design(
    study: Make, panel: Make
) -> None:
    day = np.random.default_rng(0).integers(0, 7, 700)
    made = panel({"a": day >= 5, "saturday": day == 5, "sunday": day == 6})
    (found,) = check(study(confounders=["saturday", "sunday"]), made)
    assert (found.status, found.blocks, found.designs) == (Status.FAIL, "design", ("adjusted",))
    assert found.attributes == ("a",)


def test_a_level_of_a_category_fails(study: Make, panel: Make) -> None:
    day = np.array(["mon", "sat", "sun"], dtype=object)[np.arange(300) % 3]
    made = panel({"a": day != "mon", "day": day})
    (found,) = check(study(confounders=["day"]), made)
    assert found.status is Status.FAIL


def test_strong_but_incomplete_confounders_pass(study: Make, panel: Make) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    made = panel({"a": x + 0.1 * rng.normal(size=500) > 0, "x": x})
    (found,) = check(study(confounders=["x"]), made)
    assert found.status is Status.PASS


def test_without_confounders_it_does_not_apply(study: Make, panel: Make) -> None:
    assert check(study(), panel({"a": [0, 1]})) == ()
