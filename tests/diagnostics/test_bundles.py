"""Attributes that come together are named; independent ones pass."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from causal.base.finding import Status
from causal.diagnostics.bundles import _measure, check

Make = Callable[..., Any]


@pytest.fixture
def draws() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "a": rng.integers(0, 2, 1000),
        "b": rng.integers(0, 2, 1000),
        "w": rng.normal(size=1000),
        "tone": np.array(["calm", "loud", "sad"], dtype=object)[rng.integers(0, 3, 1000)],
    }


def test_independent_attributes_pass(study: Make, panel: Make, draws: dict[str, Any]) -> None:
    (found,) = check(study(attributes=list(draws)), panel(draws))
    assert found.status is Status.PASS


def test_a_flag_that_repeats_a_category_is_a_bundle_none_can_separate(
    study: Make, panel: Make, draws: dict[str, Any]
) -> None:
    columns = draws | {"a": (draws["tone"] == "sad").astype(int)}
    (found,) = check(study(attributes=list(columns)), panel(columns))
    assert (found.status, found.blocks) == (Status.FAIL, "design")
    assert set(found.columns) == {"a", "tone"}
    assert "a" in found.attributes


def test_two_identical_flags_stop_both(study: Make, panel: Make, draws: dict[str, Any]) -> None:
    columns = {"a": draws["a"], "b": 1 - draws["a"], "w": draws["w"]}
    (found,) = check(study(attributes=list(columns)), panel(columns))
    assert (found.status, found.attributes) == (Status.FAIL, ("a", "b"))


def test_nearly_equal_flags_are_a_warning(study: Make, panel: Make, draws: dict[str, Any]) -> None:
    close = np.where(np.arange(1000) % 20 == 0, 1 - draws["a"], draws["a"])
    columns = draws | {"b": close}
    (found,) = check(study(attributes=list(columns)), panel(columns))
    assert (found.status, found.blocks) == (Status.WARN, "none")
    assert found.columns == ("a", "b")


def test_a_sum_of_others_is_found_though_no_pair_is_close(
    study: Make, panel: Make, draws: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    parts = {name: rng.normal(size=1000) for name in ("p", "q", "r")}
    columns = parts | {"total": sum(parts.values()), "w": draws["w"]}
    (found,) = check(study(attributes=list(columns)), panel(columns))
    assert found.status is Status.FAIL
    assert found.columns == ("p", "q", "r", "total")


def test_attributes_tied_only_within_blocks_stop_the_design_within(
    study: Make, panel: Make, draws: dict[str, Any]
) -> None:
    block = np.arange(1000) // 4
    shift = np.random.default_rng(3).normal(size=250)[block] * 5
    columns = {"a": draws["w"], "b": draws["w"] + shift}
    (found,) = check(study(attributes=["a", "b"], block="k"), panel(columns, block=block))
    assert found.status is Status.FAIL
    assert found.designs == ("within", "exploration x within")
    assert "within blocks" in found.meaning


def test_association_is_correlation_phi_and_cramers_v(draws: dict[str, Any]) -> None:
    from scipy.stats.contingency import association

    first = np.random.default_rng(4).integers(0, 3, 1000)
    second = np.where(np.random.default_rng(5).random(1000) < 0.5, first, draws["a"])
    table = np.array([[np.sum((first == i) & (second == j)) for j in range(3)] for i in range(3)])
    dummies = [np.column_stack([x == 1, x == 2]).astype(float) for x in (first, second)]
    measured = _measure(("f", "s"), [each - each.mean(axis=0) for each in dummies])
    assert measured.pair[0, 1] == pytest.approx(association(table, method="cramer"), rel=1e-9)
    numbers = [draws["w"][:, None], (draws["w"] + draws["a"])[:, None]]
    pair = _measure(("f", "s"), [each - each.mean(axis=0) for each in numbers]).pair[0, 1]
    assert pair == pytest.approx(np.corrcoef(*[each[:, 0] for each in numbers])[0, 1], rel=1e-9)


def test_one_attribute_alone_is_no_bundle(study: Make, panel: Make) -> None:
    assert check(study(), panel({"a": [0, 1, 0, 1]})) == ()
