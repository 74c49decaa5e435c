"""What a report of exposure says first, state by state."""

from __future__ import annotations

from typing import Any

import pytest

from causal.policy.exposure import said, set_words, verdict_of
from causal.policy.exposure import scale as scale_of_worth

OUTCOME = {"name": "clicks", "kind": "mean", "worth_kind": "mean", "baseline": 5.0}
FOUND = {
    "outcome": "clicks",
    "kind": "bounded",
    "intervals": [[0.18, 0.32]],
    "low": 0.18,
    "high": 0.32,
    "point": 0.251,
    "first_stage": 29.5,
    "family": 1,
    "at_once": None,
    "disagree": False,
    "verdict": "raises",
    "refusal": None,
}
OPEN = {"low": None, "high": None, "point": None, "first_stage": 2.0, "verdict": "not estimable"}


def content(**change: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "study": {"exposure": "impression", "level": 0.95, "strong": 10.0, "design": "experiment"},
        "dose": {"column": "impressions_first_week"},
        "outcomes": [OUTCOME],
        "findings": [],
        "sets": [],
        "held": [],
        "threshold": [],
        "examination": [],
    }
    return made | change


@pytest.mark.parametrize(
    ("change", "state", "title"),
    [
        ({}, "strong", "One more impression brings 0.25 clicks"),
        (
            {"low": -0.32, "high": -0.18, "point": -0.251, "verdict": "lowers"},
            "strong",
            "One more impression takes 0.25 clicks away",
        ),
        (
            {"low": -0.1, "intervals": [[-0.1, 0.32]], "verdict": "no clear effect"},
            "unclear",
            "One more impression brings no clear change of clicks",
        ),
        (
            {**OPEN, "kind": "rays", "intervals": [[None, -2.1], [0.4, None]]},
            "weak",
            "The instrument moves impressions first week too little to tell what it is worth",
        ),
        (
            {**OPEN, "kind": "whole line", "intervals": [[None, None]], "first_stage": 11.0},
            "weak",
            "What one more impression is worth has no bound in these data",
        ),
        (
            {**OPEN, "kind": "empty", "intervals": [], "first_stage": 50.0},
            "contradiction",
            "The instruments contradict each other on what one more impression is worth",
        ),
        (
            {**OPEN, "kind": None, "intervals": [], "refusal": "arm '1' has 1 units"},
            "not estimable",
            "What one more impression is worth cannot be told",
        ),
    ],
)
def test_the_worth_is_titled_by_what_is_known_of_it(
    change: dict[str, Any], state: str, title: str
) -> None:
    found = said(content(sets=[FOUND | change]))
    assert (found.state, found.title, found.greyed) == (state, title, False)


def test_a_weak_instrument_is_said_with_its_set() -> None:
    weak = FOUND | OPEN | {"kind": "rays", "intervals": [[None, -2.1], [0.4, None]]}
    found = said(content(sets=[weak]))
    assert "below −2.1 or above +0.4 (first-stage F 2.0; 10 is asked)" in found.subtitle


def test_of_several_instruments_all_together_lead() -> None:
    alone = FOUND | OPEN | {"kind": "whole line", "intervals": [[None, None]]}
    assert said(content(sets=[alone, FOUND])).state == "strong"


@pytest.mark.parametrize("blocks", ["page", "design"])
def test_a_check_that_stops_the_page_is_all_that_is_said(blocks: str) -> None:
    stop = {"status": "FAIL", "blocks": blocks, "name": "sample ratio", "meaning": "Not so."}
    found = said(content(sets=[FOUND], findings=[stop]))
    assert (found.state, found.greyed, found.reason) == ("invalid", True, "sample ratio")
    assert "0.25" not in found.title + found.subtitle


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({}, "Crossing the threshold brings 3.0 clicks"),
        ({"low": -4.1, "high": -2.1, "estimate": -3.0, "verdict": "lowers"},
         "Crossing the threshold takes 3.0 clicks away"),
        ({"low": -1.0, "verdict": "no clear effect"},
         "Crossing the threshold brings no clear change of clicks"),
        ({"refusal": "too few rows"}, "What happens to clicks at the threshold cannot be told"),
    ],
)  # fmt: skip
def test_a_jump_is_titled_by_its_interval(change: dict[str, Any], title: str) -> None:
    jump = {"low": 2.1, "high": 4.1, "estimate": 3.0, "verdict": "raises", "refusal": None}
    assert said(content(threshold=[jump | change])).title == title


def test_places_are_titled_by_the_last_one() -> None:
    rows = [
        {"outcome": "clicks", "slot": slot, "value": value, "low": 0.3, "high": 0.4, "why": why}
        for slot, value, why in ((1, 1.0, None), (4, 0.35, None))
    ]
    assert said(content(examination=rows)).title == "Place 4 brings 35% of the clicks of the first"
    rows[-1]["why"] = "3 clusters; at least 5 are needed"
    assert said(content(examination=rows)).state == "not estimable"
    assert said(content()).state == "not estimable"


def test_a_set_is_written_to_its_ends() -> None:
    written = scale_of_worth(OUTCOME, [FOUND])
    assert set_words(FOUND, written) == "+0.18 to +0.32"
    share = OUTCOME | {"worth_kind": "proportion", "baseline": 0.1}
    assert set_words(FOUND, scale_of_worth(share, [FOUND])).endswith("pp")
    two = {"kind": "bounded", "intervals": [[0.1, 0.2], [0.3, 0.4]]}
    assert set_words(two, written) == "+0.10 to +0.20 or +0.30 to +0.40"
    assert set_words({"kind": "empty", "intervals": []}, written) == "no value"


def test_a_verdict_needs_an_interval_without_zero() -> None:
    assert [verdict_of(*ends) for ends in ((0.1, 1.0), (-1.0, -0.1), (-1.0, 1.0), (None, None))] == [
        "raises", "lowers", "no clear effect", "no clear effect",
    ]  # fmt: skip
