"""The decision says what the effects allow, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from causal.policy.decision import decide
from causal.policy.guardrails import guardrail_status

Content = dict[str, Any]


def row(
    name: str = "digit", estimate: float | None = 0.0006, error: float = 0.0001, **more: Any
) -> Content:
    verdict = (
        "not estimable"
        if estimate is None
        else (
            "no clear effect"
            if abs(estimate) < 2 * error
            else "raises"
            if estimate > 0
            else "lowers"
        )
    )
    half = 1.96 * error
    made = {
        "attribute": name,
        "contrast": "1 - 0",
        "outcome": "ctr",
        "design": "within",
        "path": "total",
        "population": "all items",
        "segment": None,
        "estimate": estimate,
        "std_error": error,
        "ci_low": None if estimate is None else estimate - half,
        "ci_high": None if estimate is None else estimate + half,
        "simultaneous_low": None,
        "simultaneous_high": None,
        "baseline": 0.015,
        "relative": 0.04,
        "identification": "randomized",
        "verdict": verdict,
    }
    return made | more


def content(*rows: Content, **more: Any) -> Content:
    names = dict.fromkeys(each["attribute"] for each in rows)
    made = {
        "headline": "within",
        "effects": list(rows),
        "findings": [],
        "agreement": [],
        "designs": [
            {"name": "within", "identification": "randomized"},
            {"name": "adjusted", "identification": "adjusted"},
        ],
        "attributes": [{"name": name, "kind": "binary"} for name in names],
        "outcomes": [
            {
                "name": "ctr",
                "role": "success",
                "goal": "increase",
                "margin": None,
                "kind": "ratio",
                "baseline": 0.015,
                "units": 1000,
                "unit_words": "impressions",
                "numerator": "clicks",
                "denominator": "impressions",
            },
            {
                "name": "hides",
                "role": "guardrail",
                "goal": "decrease",
                "margin": 0.05,
                "kind": "proportion",
                "baseline": 0.02,
                "units": 1000,
                "unit_words": "items",
            },
        ],
        "data": {"starts": "2013-01-24", "ends": "2015-04-30"},
    }
    return made | more


def everything_said(decision: Content) -> str:
    lists = ("do", "do_not", "test_next", "change_our_mind")
    return " ".join(
        [
            decision["title"],
            *(each for name in lists for each in decision[name]),
            *(card["words"] for card in decision["cards"]),
        ]
    )


def test_the_title_is_the_finding():
    found = decide(content(row("question_mark", -0.00097, 0.00013), row("digit", 0.0006, 0.00015)))
    assert found["title"] == ("Question mark lowers CTR by 0.10 pp; digit raises it by 0.06 pp")


def test_the_surest_effect_leads_not_the_largest_estimate():
    found = decide(content(row("wide", 0.0010, 0.0004), row("narrow", 0.0008, 0.0001)))
    assert [card["attribute"] for card in found["cards"]] == ["narrow", "wide"]


def test_at_most_three_cards():
    found = decide(content(*(row(f"a{place}", 0.0006 + place / 1e5) for place in range(6))))
    assert len(found["cards"]) == 3


def test_nothing_clear_is_said_so_with_the_number_of_attributes():
    found = decide(content(row("digit", 0.00001), row("tone", 0.00002)))
    assert found["title"] == "No clear effect of any of the 2 attributes on CTR"
    assert found["cards"] == []
    assert found["do"] == []
    assert "no effect" not in everything_said(found).lower().replace("no effect on", "")


def test_nothing_estimable_is_said_so():
    found = decide(content(row("digit", None, ci_low=None, ci_high=None)))
    assert found["title"] == "No effect on CTR could be estimated from these data"


@pytest.mark.parametrize("identification", ["adjusted", "descriptive"])
def test_weak_evidence_gives_no_causal_claim_and_nothing_to_do(identification: str):
    found = decide(
        content(
            row(identification=identification), row("b", -0.0008, identification=identification)
        )
    )
    said = everything_said(found)
    assert not any(verb in said for verb in (" raises ", " lowers ", "Prefer", "Avoid"))
    assert found["do"] == []
    assert found["do_not"] == []


def test_adjusted_effects_are_associations_to_confirm_by_an_experiment():
    found = decide(content(row(identification="adjusted")))
    assert "is associated with" in found["title"]
    assert "after adjustment" in found["title"]
    assert "confirm by an experiment" in found["test_next"][0]
    assert "if nothing unmeasured differs" in found["cards"][0]["words"]
    assert any("not in the table" in each for each in found["change_our_mind"])


def test_a_failed_check_that_stops_the_page_leaves_no_verdict():
    failed = {
        "name": "sample_ratio",
        "status": "FAIL",
        "blocks": "page",
        "meaning": "The split differs from plan.",
        "remedy": "Leave the period out by this line:\nwhere: x",
        "starts": None,
    }
    found = decide(content(row(), findings=[failed]))
    assert found["greyed"]
    assert found["title"] == "Cannot decide: the check of sample ratio failed"
    assert "The split differs from plan." in found["reason"]
    assert all(card["verdict"] is None and card["good"] is None for card in found["cards"])
    assert found["do"] == found["do_not"] == found["guardrails"] == []
    assert found["test_next"] == [
        "Leave the period out by this line (the line stands with the check). "
        "Then run the study again."
    ]


def test_a_failed_check_of_one_design_stops_nothing_else():
    failed = {
        "name": "overlap",
        "status": "FAIL",
        "blocks": "design",
        "meaning": "m",
        "remedy": "",
        "starts": None,
    }
    assert not decide(content(row(), findings=[failed]))["greyed"]


def test_harm_to_a_guardrail_turns_a_win_into_a_warning():
    harm = row(outcome="hides", estimate=0.004, error=0.0005, baseline=0.02)
    found = decide(content(row(), harm))
    assert found["do"] == []
    assert found["do_not"] == ["Do not roll out digit: it is clearly worse on hides."]
    assert [each["status"] for each in found["guardrails"]] == ["worse"]


def test_a_lower_is_better_outcome_turns_good_around():
    made = content(row(), row("b", -0.0006))
    made["outcomes"][0]["goal"] = "decrease"
    good = {card["attribute"]: card["good"] for card in decide(made)["cards"]}
    assert good == {"digit": False, "b": True}


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (-0.0005, 0.0005, "safe"),
        (-0.0005, 0.002, "unclear"),
        (0.0015, 0.003, "worse"),
        (0.0002, 0.0009, "safe"),
        (-0.003, -0.001, "safe"),
        (None, None, "unclear"),
    ],
)
def test_a_guardrail_is_judged_by_its_interval_and_margin(
    low: float | None, high: float | None, status: str
):
    hides = {"goal": "decrease", "margin": 0.05}  # 0.001 at a baseline of 0.02
    given = {"ci_low": low, "ci_high": high, "baseline": 0.02, "verdict": "no clear effect"}
    assert guardrail_status({}, hides, given) == status
    mirrored = {"goal": "increase", "margin": 0.05}
    flipped = given | {
        "ci_low": None if high is None else -high,
        "ci_high": None if low is None else -low,
    }
    assert guardrail_status({}, mirrored, flipped) == status


def test_undecided_attributes_with_the_widest_reach_are_tested_next_with_what_is_detectable():
    found = decide(content(row("near", 0.0, 0.0001), row("far", 0.0002, 0.0010)))
    assert [each.split(":")[0] for each in found["test_next"]] == ["Far", "Near"]
    assert "can detect about 0.280 pp" in found["test_next"][0]


def test_a_disagreement_with_a_weaker_design_is_no_reason_to_test_a_randomised_effect():
    clash = {
        "attribute": "digit",
        "contrast": "1 - 0",
        "outcome": "ctr",
        "first": "adjusted",
        "second": "within",
        "status": "FAIL",
        "words": "they disagree",
    }
    assert decide(content(row(), agreement=[clash]))["test_next"] == []
    weak = content(
        row(identification="adjusted", design="adjusted"), agreement=[clash], headline="adjusted"
    )
    assert any("disagree" in each for each in decide(weak)["test_next"])


def test_the_rollout_is_stated_per_thousand_of_the_denominator():
    card = decide(content(row("question_mark", -0.00097, 0.00013)))["cards"][0]
    assert card["words"] == "Per 1,000 impressions, about 1.0 fewer clicks (0.7 to 1.2)."


def test_marginal_is_never_sold_as_global():
    assert "exposure is a fixed pie" in decide(content(row()))["caution"]


def test_a_study_without_outcomes_does_not_fail():
    assert decide({"outcomes": [], "effects": []})["cards"] == []


def test_the_decision_does_not_change_its_input():
    import copy

    given = content(row(), row("b", -0.0008))
    kept = copy.deepcopy(given)
    decide(given)
    assert given == kept
