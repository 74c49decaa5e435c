"""One decision procedure: what decides is what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from causal.policy.decision import decide
from causal.policy.guardrails import guardrail_status
from causal.policy.interval import adjusted_by, bounds, family, interval_words, joint

Content = dict[str, Any]
ROW: Content = {
    "attribute": "digit",
    "contrast": "1 - 0",
    "outcome": "ctr",
    "design": "within",
    "segment": None,
    "estimate": 0.0006,
    "std_error": 0.0002,
    "ci_low": 0.0002,
    "ci_high": 0.0010,
    "simultaneous_low": 0.0001,
    "simultaneous_high": 0.0011,
    "p_adjusted": 0.011,
    "baseline": 0.015,
    "relative": 0.04,
    "identification": "randomized",
    "verdict": "raises",
}


def content(multiplicity: str | None, *, rows: int = 3) -> Content:
    names = [f"a{place}" for place in range(rows)]
    segment = {"attribute": "a0", "segment": "weekday", "segment_value": "Monday"}
    return {
        "study": {} if multiplicity is None else {"multiplicity": multiplicity},
        "headline": "within",
        "effects": [*(ROW | {"attribute": name} for name in names), ROW | segment],
        "attributes": [{"name": name, "kind": "binary"} for name in names],
        "outcomes": [{"name": "ctr", "role": "success", "kind": "proportion", "baseline": 0.015}],
    }


@pytest.mark.parametrize("multiplicity", ["simultaneous", None])
def test_the_simultaneous_interval_decides_unless_the_study_says_otherwise(
    multiplicity: str | None,
):
    given = content(multiplicity)
    assert bounds(given, ROW) == (0.0001, 0.0011)
    assert joint(given)
    assert interval_words(given) == "interval that holds for all 3 comparisons at once"
    assert decide(given)["cards"][0] | {"low": 0.0001, "high": 0.0011} == decide(given)["cards"][0]


@pytest.mark.parametrize("multiplicity", ["none", "holm", "bh"])
def test_elsewhere_the_pointwise_interval_is_shown(multiplicity: str):
    given = content(multiplicity)
    assert bounds(given, ROW) == (0.0002, 0.0010)
    assert not joint(given)
    assert "alone" in interval_words(given)
    card = decide(given)["cards"][0]
    assert (card["low"], card["high"], card["p_adjusted"]) == (0.0002, 0.0010, 0.011)


def test_adjusted_p_values_are_named_by_their_method():
    assert "Holm" in interval_words(content("holm"))
    assert adjusted_by(content("none")) is None


def test_one_comparison_is_a_family_of_one_and_needs_no_such_words():
    given = content("simultaneous", rows=1)
    assert family(given) == 1
    assert interval_words(given) == "interval"


def test_a_row_without_a_simultaneous_interval_has_its_own():
    period = {"ci_low": 0.1, "ci_high": 0.2}
    assert bounds(content("simultaneous"), period) == (0.1, 0.2)


def test_where_adjusted_p_decides_an_unclear_guardrail_is_not_called_worse():
    hides = {"goal": "decrease", "margin": None}
    unclear = ROW | {"verdict": "no clear effect"}
    assert guardrail_status(content("holm"), hides, unclear) == "unclear"
    assert guardrail_status(content("holm"), hides, ROW) == "worse"
    assert guardrail_status(content("none"), hides, ROW) == "worse"
