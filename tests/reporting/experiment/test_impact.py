"""What effects add up to is on the page where the design identifies them, and nowhere else."""

from __future__ import annotations

import pytest

import causal
from causal.base.errors import DesignError, StudyError
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded
from tests.reporting.experiment.conftest import UNITS, frame, study


def shown(result: Result) -> dict[str, object]:
    return {each.id: each for each in sections(rounded(result.content))}


def test_amounts_that_decide_are_added_up_and_rates_are_named_as_left_out(healthy: Result) -> None:
    found = {row["outcome"]: row for row in healthy.content["impact"]}
    assert list(found) == ["revenue", "hides"]
    effect = healthy.content["comparisons"][0]
    revenue = found["revenue"]
    assert revenue["units_a_day"] == pytest.approx(UNITS / 14)
    assert revenue["a_day"]["low"] == pytest.approx(effect["decided"]["low"] * UNITS / 14)
    assert 0 < revenue["corrected"] < revenue["a_day"]["value"]
    assert revenue["whole"] is None
    assert "impact" in shown(healthy)
    text = " ".join(healthy.text().split())
    assert "Not here: click rate is a rate, without a total." in text


def test_the_lift_of_the_total_is_shown_where_the_total_is_given() -> None:
    table = frame()
    total = 4 * float(table["revenue"].sum())
    asked = study(analysis={"planned_units": UNITS, "totals": {"revenue": total}})
    found = causal.run(asked, table=table)
    whole = found.content["impact"][0]["whole"]
    lift = found.content["comparisons"][0]["relative"]["value"]
    assert whole["covered"]["value"] == pytest.approx(0.24, abs=0.02)
    assert whole["lift"]["value"] == pytest.approx(lift * whole["covered"]["value"])
    assert "They have of the total" in found.text()
    with pytest.raises(DesignError, match=r"analysis\.totals.revenue"):
        causal.run(study(analysis={"totals": {"revenue": total / 8}}), table=table)


def test_nothing_is_added_up_of_an_invalid_experiment_or_of_a_shared_pool(
    invalid: Result, shared: Result
) -> None:
    for each in (invalid, shared):
        assert each.content["impact"] == []
        assert "impact" not in shown(each)


def test_a_rate_has_no_total() -> None:
    with pytest.raises(StudyError, match=r"analysis\.totals.click_rate is the total of a rate"):
        study(analysis={"totals": {"click_rate": 5.0}})
