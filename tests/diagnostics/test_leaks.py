"""A column that is the outcome or the attribute in disguise is named; honest ones pass."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from causal.base.finding import Finding, Status
from causal.diagnostics.leaks import area, check

Make = Callable[..., Any]


def table(rows: int = 800) -> tuple[dict[str, Any], Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=rows)
    a = (rng.random(rows) < 1 / (1 + np.exp(-x))).astype(int)
    return {"a": a, "x": x}, 0.5 * a + 2 * x + rng.normal(size=rows)


def bad(found: tuple[Finding, ...]) -> list[Finding]:
    return [each for each in found if each.status is not Status.PASS]


def test_an_honest_strong_confounder_passes(study: Make, panel: Make) -> None:
    columns, y = table()
    found = check(study(confounders=["x"]), panel(columns, {"y": y}))
    assert not bad(found)
    assert found[0].name == "leaks"


def test_a_confounder_made_from_the_outcome_stops_the_adjusted_design(
    study: Make, panel: Make
) -> None:
    columns, y = table()
    found = check(study(confounders=["x", "z"]), panel(columns | {"z": -y}, {"y": y}))
    (leak,) = bad(found)
    assert (leak.status, leak.blocks, leak.designs) == (Status.FAIL, "design", ("adjusted",))
    assert leak.columns == ("z", "y")


def test_an_attribute_made_from_the_outcome_cannot_be_estimated(study: Make, panel: Make) -> None:
    __, y = table()
    (leak,) = bad(check(study(), panel({"a": (y > np.median(y)).astype(int)}, {"y": y})))
    assert (leak.status, leak.attributes, leak.designs) == (Status.FAIL, ("a",), ())


def test_a_confounder_that_gives_the_attribute_away_is_an_overlap_failure(
    study: Make, panel: Make
) -> None:
    columns, y = table()
    tag = np.array(["no", "yes"], dtype=object)[columns["a"]]
    (leak,) = bad(check(study(confounders=["tag"]), panel(columns | {"tag": tag}, {"y": y})))
    assert (leak.status, leak.attributes) == (Status.FAIL, ("a",))
    assert "overlap" in leak.meaning


def test_a_label_for_every_row_is_not_mistaken_for_knowledge(study: Make, panel: Make) -> None:
    columns, y = table()
    label = np.array([f"id{at}" for at in range(800)], dtype=object)
    assert not bad(check(study(confounders=["u"]), panel(columns | {"u": label}, {"y": y})))


@pytest.mark.parametrize("name", ["winner", "clicksTotal", "is_significant"])
def test_a_confounder_named_like_a_result_is_a_warning(study: Make, panel: Make, name: str) -> None:
    columns, y = table()
    noise = np.random.default_rng(1).normal(size=800)
    (warning,) = bad(check(study(confounders=[name]), panel(columns | {name: noise}, {"y": y})))
    assert (warning.status, warning.columns) == (Status.WARN, (name,))


def test_an_earlier_measurement_may_keep_its_name(study: Make, panel: Make) -> None:
    columns, y = table()
    noise = np.random.default_rng(1).normal(size=800)
    made = panel(columns | {"ctr_previous": noise}, {"y": y})
    assert not bad(check(study(confounders=["ctr_previous"]), made))


def test_declared_post_outcome_columns_are_confirmed_as_refused(study: Make, panel: Make) -> None:
    columns, y = table()
    found = check(study(post_outcome=["winner"]), panel(columns | {"winner": y > 0}, {"y": y}))
    (said,) = [each for each in found if each.name == "post-outcome columns"]
    assert said.status is Status.PASS
    assert "refused" in said.meaning


def test_few_rows_accuse_nobody(study: Make, panel: Make) -> None:
    y = np.arange(30.0)
    assert not bad(check(study(confounders=["x"]), panel({"a": y % 2, "x": y}, {"y": y})))


def test_the_area_is_the_one_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    place, up = rng.integers(0, 40, 500), rng.random(500) < 0.3
    assert area(place, up, ~up) == pytest.approx(roc_auc_score(up, place), rel=1e-12)
