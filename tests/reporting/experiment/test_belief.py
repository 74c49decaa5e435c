"""The Bayesian view is for display: labelled, beside the verdict, and never on a greyed page."""

from __future__ import annotations

from dataclasses import replace

import pytest

import causal
from causal.content.outcome import Goal, Role
from causal.estimation.experiment.belief import belief
from causal.estimation.experiment.comparisons import Comparison, Range
from causal.estimation.experiment.fieller import Relative
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded
from causal.reporting.experiment._compared import reading_of
from tests.reporting.experiment.conftest import UNITS, frame, study

ANALYSIS = {"planned_units": UNITS, "smallest": {"revenue": 0.05}, "prior": {"relative_sd": 0.05}}


def compared(low: float, high: float, **more: object) -> Comparison:
    """A comparison whose interval that decides has these ends, of a control at 10."""
    own, middle = Range(value=(low + high) / 2, low=low, high=high), (low + high) / 2
    over = Relative(value=middle / 10, low=low / 10, high=high / 10, shape="bounded")
    made = Comparison(
        metric="revenue", arm="B", role=Role.SUCCESS, goal=Goal.INCREASE, control=10.0,
        treated=10 + middle, control_error=0.1, effect=own, std_error=(high - low) / 4, df=1e3,
        p_value=0.5, relative=over, decided=own, decided_p=0.5, relative_decided=over, method="t",
        decisive=True, gap=None, raw=own, always=None, relative_always=None, corrected=None,
        units=100, clusters=100, refusal="",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def believed() -> Result:
    return causal.run(study(analysis=ANALYSIS), table=frame())


def shown(result: Result) -> dict[str, object]:
    return {each.id: each for each in sections(rounded(result.content))}


def test_success_metrics_are_read_with_the_prior_and_nearer_to_zero(believed: Result) -> None:
    (row,) = believed.content["posterior"]
    effect = believed.content["comparisons"][0]
    assert (row["outcome"], row["arm"], row["prior_sd"]) == ("revenue", "B", 0.05)
    assert 0 < row["mean"] < effect["relative"]["value"]
    assert row["low"] < row["mean"] < row["high"]
    assert row["chance_better"] > 0.99
    page = believed.text()
    assert "with this prior" in page
    assert "standard deviation of 5%" in " ".join(page.split())
    assert "with-a-prior" in shown(believed)


def test_the_verdict_does_not_read_it(believed: Result, healthy: Result) -> None:
    one, other = (rounded(each.content)["decision"] for each in (believed, healthy))
    assert one == other
    assert healthy.content["posterior"] == []
    assert "with-a-prior" not in shown(healthy)


def test_it_is_never_on_a_page_without_a_verdict_or_on_a_shared_pool() -> None:
    broken = causal.run(study(analysis=ANALYSIS), table=frame(lost=0.2))
    assert broken.content["posterior"] == []
    assert "with this prior" not in broken.html()
    both = causal.run(study(analysis=ANALYSIS, side="creator"), table=frame(units=1_000))
    assert both.content["posterior"] == []


def test_good_is_the_side_of_the_goal_and_the_mean_keeps_its_own_sign() -> None:
    up = belief(compared(0.5, 1.5), relative_sd=0.1, level=0.95)
    down = belief(compared(0.5, 1.5, goal=Goal.DECREASE), relative_sd=0.1, level=0.95)
    assert up is not None
    assert down is not None
    assert up.mean == pytest.approx(down.mean) == pytest.approx(0.1 * 0.01 / (0.01 + 0.000625))
    assert up.chance_better == pytest.approx(1 - down.chance_better)
    assert up.expected_loss < 1e-3 < down.expected_loss
    assert belief(compared(0.5, 1.5, refusal="too few"), relative_sd=0.1, level=0.95) is None
    assert belief(compared(0.5, 1.5, control=0.0), relative_sd=0.1, level=0.95) is None


def test_arms_count_as_equal_only_when_the_whole_interval_is_within_the_margin() -> None:
    asked = study(analysis={**ANALYSIS, "equivalence": {"revenue": 0.02}})
    assert reading_of(compared(-0.1, 0.15), asked) == "ruled out"
    assert reading_of(compared(-0.1, 0.25), asked) == "no clear effect"
    assert reading_of(compared(-0.25, 0.1), asked) == "no clear effect"
    assert reading_of(compared(0.05, 0.15), asked) == "raises"
    assert reading_of(compared(-0.1, 0.15), study()) == "no clear effect"
    unbounded = Relative(value=0.002, low=None, high=None, shape="whole line")
    vague = compared(-0.1, 0.15, relative_decided=unbounded)
    assert reading_of(vague, asked) == "no clear effect"


def test_equivalence_is_read_in_a_whole_run() -> None:
    asked = study(analysis={**ANALYSIS, "equivalence": {"revenue": 0.1, "clicks": 0.1}})
    table = frame(lift=0.0).assign(clicks=lambda t: t["clicks"] + 20)
    found = {
        row["outcome"]: row["verdict"] for row in causal.run(asked, table=table).content["effects"]
    }
    assert found["revenue"] == "ruled out"
    assert found["clicks"] == "ruled out"
