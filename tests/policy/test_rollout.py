"""What a report of a staggered rollout says: no more than the checks leave."""

from __future__ import annotations

from typing import Any

import pytest

from causal.policy.rollout import reading_of, said, stopped_by, verdict_of, why_compared
from causal.policy.said import Said

OUTCOME = {"name": "clicks", "kind": "mean", "baseline": 10.0, "goal": "increase", "margin": None}
OVERALL = {
    "estimate": 1.37,
    "ci_low": 1.12,
    "ci_high": 1.62,
    "simultaneous_low": 1.12,
    "simultaneous_high": 1.62,
    "identification": "natural experiment",
    "baseline": 10.0,
    "relative": 0.137,
    "verdict": "raises",
    "why": None,
}
SPILL: dict[str, Any] = {"state": "not looked at", "total": None, "plain": None, "gamma": None}
FOUND = {"state": "found", "total": [0.4, 0.9], "plain": [1.1, 1.65], "gamma": -0.5}
FAILED = {"status": "FAIL", "meaning": "It failed.", "blocks": "design", "columns": ["clicks"]}


def title(**changed: Any) -> Said:
    given: dict[str, Any] = {
        "outcome": OUTCOME,
        "overall": OVERALL,
        "spill": SPILL,
        "pool": "separate",
        "rollout": "the boost",
        "entities": "markets",
        "findings": (),
        "level": 0.95,
    }
    return said(**(given | changed))


@pytest.mark.parametrize(
    ("spill", "pool", "reading"),
    [
        (SPILL, None, "open"),
        (SPILL, "separate", "clean"),
        (FOUND, "separate", "corrected"),
        (FOUND | {"state": "ruled out"}, "shared", "clean"),
        (FOUND | {"state": "cannot be told"}, None, "range"),
        (SPILL | {"state": "cannot be told"}, "shared", "cannot be told"),
    ],
)
def test_what_may_be_said_follows_from_what_is_known(
    spill: dict[str, Any], pool: str | None, reading: str
) -> None:
    assert reading_of(spill, pool) == reading
    assert bool(why_compared(reading, "markets")) is (reading not in ("clean", "open"))


def test_a_clean_effect_is_the_title() -> None:
    told = title()
    assert told.title == "Clicks rose by 1.4 where the boost was on"
    assert "+1.1 to +1.6" in told.subtitle
    assert not told.greyed


@pytest.mark.parametrize(
    ("verdict", "trend", "words"),
    [
        ("raises", {"share": 1.3, "of_margin": 0.2}, "a drift as large as this effect."),
        ("ruled out", {"share": 9.0, "of_margin": 1.3}, "a drift as large as the margin."),
        ("raises", {"share": 0.4, "of_margin": 1.3}, ""),
        ("no clear effect", {"share": 9.0, "of_margin": 1.3}, ""),
        ("raises", None, ""),
    ],
)
def test_a_drift_as_large_as_what_is_claimed_is_in_the_subtitle(
    verdict: str, trend: dict[str, float] | None, words: str
) -> None:
    told = title(overall=OVERALL | {"verdict": verdict}, trend=trend)
    assert ("would not show" in told.subtitle) is bool(words)
    assert told.subtitle.endswith(words)


def test_what_was_not_looked_at_is_a_condition_in_the_title() -> None:
    assert title(pool=None).title.endswith(", if markets do not share a pool")


@pytest.mark.parametrize("plain", ["1.37", "1.4", "1.12", "1.62", "1.65", "1.10"])
def test_a_contaminated_title_never_carries_the_plain_effect(plain: str) -> None:
    told = title(spill=FOUND)
    assert told.title == "Clicks rose by 0.4 to 0.9, once what markets without it lost is counted"
    assert plain not in told.title + told.subtitle


def test_a_range_holds_both() -> None:
    told = title(spill=FOUND | {"state": "cannot be told"}, pool=None)
    assert told.title.startswith("Clicks rose by 0.4 to 1.6")
    assert "range" in told.subtitle


def test_nothing_is_said_where_it_cannot_be_told() -> None:
    told = title(spill=SPILL | {"state": "cannot be told"}, pool="shared")
    assert told.title == (
        "What the boost did to clicks cannot be told from markets that share its pool"
    )
    assert not any(each.isdigit() for each in told.title + told.subtitle)


@pytest.mark.parametrize("name", ["pre-trend", "placebo dates"])
def test_those_that_moved_apart_have_no_effect(name: str) -> None:
    told = title(findings=[FAILED | {"name": name}])
    assert told.title == "Markets moved apart before the rollout: no effect is shown"
    assert (told.greyed, told.reason) == (True, name)


def test_a_failed_check_of_another_outcome_leaves_the_title() -> None:
    other = FAILED | {"name": "pre-trend", "columns": ["other"]}
    assert stopped_by([other], "clicks") is None
    assert title(findings=[other]).title == title().title
    page = FAILED | {"name": "panel", "columns": [], "blocks": "page"}
    assert title(findings=[page]).title == "What the boost did to clicks cannot be told"


def test_an_effect_that_is_refused_says_why() -> None:
    told = title(overall=OVERALL | {"estimate": None, "why": "3 treated, and 5 are needed"})
    assert told.title == "What the boost did to clicks cannot be told"
    assert told.subtitle == "3 treated, and 5 are needed."


@pytest.mark.parametrize(
    ("change", "margin", "verdict"),
    [
        ({}, None, "raises"),
        ({"simultaneous_low": -2.0, "simultaneous_high": -1.0}, None, "lowers"),
        ({"simultaneous_low": -0.1}, None, "no clear effect"),
        ({"simultaneous_low": -0.1, "simultaneous_high": 0.2}, 0.05, "ruled out"),
        ({"identification": "descriptive"}, None, None),
        ({"identification": "not estimable"}, None, "not estimable"),
    ],
)
def test_verdicts_of_rows(
    change: dict[str, Any], margin: float | None, verdict: str | None
) -> None:
    assert verdict_of(OVERALL | change, margin) == verdict


def test_what_did_not_move_is_said_so() -> None:
    flat = {"estimate": 0.1, "ci_low": -0.2, "ci_high": 0.4, "verdict": "no clear effect"}
    assert title(overall=OVERALL | flat).title.startswith("Clicks did not move beyond chance")
    out = flat | {"verdict": "ruled out"}
    assert "by what matters" in title(overall=OVERALL | out).title
