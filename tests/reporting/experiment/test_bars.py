"""Lines around an estimate, which of them decides, and which look this is."""

from __future__ import annotations

from typing import Any

import pytest

import causal
from causal.reporting._charts import LABELS
from causal.reporting._result import Result
from causal.reporting._svg import drawing
from causal.reporting.experiment._rows import drawn
from causal.workflow.experiments import collected, rules_of
from tests.reporting.experiment.conftest import frame, study
from tests.reporting.experiment.test_readout import shown

UNITS = 2_000
LOOKS = {"interval": "group sequential", "looks": [0.5, 1], "planned_units": UNITS}


@pytest.fixture(scope="module")
def sequence() -> Result:
    return causal.run(
        study(analysis={"interval": "sequential", "planned_units": UNITS}), table=frame(units=UNITS)
    )


@pytest.fixture(scope="module")
def looks() -> Result:
    return causal.run(study(analysis=LOOKS), table=frame(units=UNITS))


def groups(result: Result) -> dict[str, Any]:
    blocks = shown(result)["effects"].blocks
    return {each.title: each.blocks for each in blocks if each.kind == "group"}


def figure(result: Result, role: str = "Success metrics") -> Any:
    return next(each for each in groups(result)[role] if each.kind == "figure")


def exact(result: Result, role: str = "Success metrics") -> Any:
    (details,) = (each for each in groups(result)[role] if each.kind == "details")
    return details.blocks[0]


def card(result: Result) -> dict[str, str]:
    return dict(shown(result)["design"].blocks[0].items)


def test_a_fixed_readout_has_a_dashed_bar_beyond_the_solid_one(healthy: Result) -> None:
    for row in healthy.content["comparisons"]:
        line = drawn(healthy.content, row)
        assert line["dashed_low"] < line["low"] < line["high"] < line["dashed_high"]
        assert line["dashed_low"] == pytest.approx(100 * row["relative_always"]["low"])
    chart = figure(healthy)
    made = drawing(chart.draw(), name="f", title=chart.title, describe=chart.describe)
    assert made.count("stroke-dasharray") == 1


def test_the_legend_of_a_fixed_readout_says_what_each_line_is(healthy: Result) -> None:
    said = figure(healthy).footnote
    assert "Solid line: read once, at the planned end; it decides." in said
    assert "Dashed: valid at every look; for display." in said
    assert "it decides" not in figure(healthy, "Secondary metrics").footnote


def test_several_arms_are_read_together_by_the_thin_line() -> None:
    shares = {"A": 0.4, "B": 0.4, "C": 0.2}
    table = frame(units=UNITS)
    table.loc[table.index % 5 == 0, "arm"] = "C"
    asked = study(
        arms={"column": "arm", "control": "A", "shares": shares}, analysis={"planned_units": UNITS}
    )
    found = causal.run(asked, table=table)
    said = figure(found).footnote
    assert "thin: all success metrics and arms at once; it decides." in said
    for row in found.content["comparisons"]:
        line = drawn(found.content, row)
        if row["role"] == "success":
            assert line["dashed_low"] < line["wide_low"] < line["low"]


def test_where_a_confidence_sequence_decides_it_is_the_dashed_line(sequence: Result) -> None:
    row = sequence.content["comparisons"][0]
    line = drawn(sequence.content, row)
    assert line["dashed_low"] == pytest.approx(100 * row["relative_decided"]["low"])
    assert line["wide_low"] is None
    said = figure(sequence).footnote
    assert "Dashed line: valid at every look; it decides." in said
    assert "Solid: as if read once, at the planned end; for display." in said
    labels = [each.label for each in exact(sequence).columns]
    assert "Interval that decides, valid at every look" in labels
    assert "Valid at every look" not in labels


def test_where_planned_looks_decide_the_thin_line_does(looks: Result) -> None:
    said = figure(looks).footnote
    assert "Thin line: allows for the planned looks; it decides." in said
    assert "Dashed: valid at every look; for display." in said
    line = drawn(looks.content, looks.content["comparisons"][0])
    assert line["dashed_low"] < line["wide_low"] < line["low"]


def test_the_exact_numbers_have_the_dashed_line_too(healthy: Result) -> None:
    found = exact(healthy)
    labels = [each.label for each in found.columns]
    at, relative = (
        labels.index("Valid at every look"),
        labels.index("Valid at every look, relative"),
    )
    row = healthy.content["comparisons"][0]
    assert found.rows[0][at].text.startswith("+")
    assert found.rows[0][at].sort == pytest.approx(row["always"]["low"], rel=1e-4)
    assert found.rows[0][relative].sort == pytest.approx(row["relative_always"]["low"], rel=1e-4)


def test_without_a_plan_nothing_is_said_to_hold_at_every_look() -> None:
    found = causal.run(study(analysis={}), table=frame(units=1_000))
    assert {row["always"] is None for row in found.content["comparisons"]} == {True}
    assert "Dashed" not in figure(found).footnote
    assert "read once, at the end" in figure(found).footnote
    assert "Valid at every look" not in [each.label for each in exact(found).columns]
    assert "No interval is valid at every look" in found.text()


def test_an_invalid_readout_draws_one_line(invalid: Result) -> None:
    for row in invalid.content["comparisons"]:
        line = drawn(invalid.content, row)
        assert line["dashed_low"] is None
        assert line["wide_low"] is None
    assert "Dashed" not in figure(invalid).footnote


def test_names_take_no_more_room_than_they_need_and_charts_line_up(healthy: Result) -> None:
    rooms = {figure(healthy, role).draw.keywords["labels"] for role in groups(healthy)}
    assert len(rooms) == 1
    assert rooms.pop() < LABELS


def test_the_design_card_says_which_look_this_is(
    healthy: Result, sequence: Result, looks: Result
) -> None:
    assert card(healthy)["Looks"] == "one look, at the end"
    assert card(sequence)["Looks"] == "any look"
    assert card(looks)["Looks"] == "look 2 of 2, planned at 100% of the units"
    assert [each.content["analysis"]["look"] for each in (healthy, sequence, looks)] == [
        None,
        None,
        2,
    ]


@pytest.mark.parametrize(("planned", "look"), [(4_000, 1), (2_000, 1), (1_900, 2), (500, 2)])
def test_the_number_of_a_look_is_that_of_the_boundary_it_is_read_by(
    planned: int, look: int
) -> None:
    asked = study(analysis=LOOKS | {"planned_units": planned})
    table = frame(units=1_000)
    found = causal.run(asked, table=table)
    rules = rules_of(asked, collected(asked, table))
    assert found.content["analysis"]["look"] == look == len(rules.looks)
    assert card(found)["Looks"].startswith(f"look {look} of 2")
