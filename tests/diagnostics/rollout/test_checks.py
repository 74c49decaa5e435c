"""Checks of a staggered rollout: each has a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.base.finding import Finding, Status
from causal.diagnostics.rollout import (
    adoption,
    agreement,
    contamination,
    few_clusters,
    honest,
    logging,
    negative_controls,
    negative_weights,
    placebo_dates,
    pre_trend,
    ramp,
    values,
)
from causal.diagnostics.rollout._made import (
    Cohort,
    Early,
    Looked,
    Made,
    Panel,
    Ramp,
    Spill,
    Trend,
    Unmoved,
    Weights,
)

PANEL = Panel(
    entity="market",
    entities="markets",
    cohorts=(
        Cohort(adopted="5", entities=10, clusters=10, before=5),
        Cohort(adopted="8", entities=12, clusters=12, before=8),
    ),
    never=20,
    control="not yet",
)
TREND = Trend(
    periods=4,
    statistic=0.8,
    p_value=0.5,
    found=0.02,
    found_words="0.02",
    over=3.0,
    share=0.1,
    breakdown=1.2,
)
LOOKED = Looked(
    outcome="clicks",
    clear=True,
    treated=40,
    compared=60,
    df=50.0,
    trend=TREND,
    early=(Early(periods=2, words="+0.1", p_value=0.4), Early(periods=3, words="0.0", p_value=0.8)),
    spill=Spill(state="ruled out", variation=0.4, correction="+0.01 (0.00 to +0.02)"),
    weights=Weights(
        words="+1.0", effect_words="+1.1", negative_sum=0.0, negative_share=0.0, turned=False
    ),
    z=0.4,
    filled_words="+1.0",
    jump=1.0,
    ramp=Ramp(share=0.9, first="+0.9", later="+1.0"),
)
MADE = Made(panel=PANEL, looked=(LOOKED,))


def made(**changed: object) -> Made:
    return replace(MADE, looked=(replace(LOOKED, **changed),))


def one(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({}, Status.PASS, "22 markets adopt at 2 dates; 20 never do."),
        ({"cohorts": PANEL.cohorts[:1]}, Status.WARN, "averages coincide"),
        ({"alone": ("9", "10")}, Status.WARN, "Nobody is untreated from 9 to 10"),
        ({"cohorts": (replace(PANEL.cohorts[0], used=False), PANEL.cohorts[1])}, Status.WARN,
         "fewer than 2 periods before adoption"),
        ({"cohorts": (replace(PANEL.cohorts[0], averaged=False), PANEL.cohorts[1])}, Status.WARN,
         "one cluster each"),
        ({"never": 0}, Status.PASS, "all do by the end"),
        ({"late": ("m1",)}, Status.PASS, "compared with until then: 1"),
    ],
)  # fmt: skip
def test_adoption_is_counted(change: dict[str, object], status: Status, words: str) -> None:
    finding = one(adoption.check(Made(panel=replace(PANEL, **change))))
    assert finding.status is status
    assert words in finding.meaning


@pytest.mark.parametrize(
    ("treated", "status", "blocks"),
    [(40, Status.PASS, "none"), (12, Status.WARN, "none"), (4, Status.FAIL, "design")],
)
def test_few_clusters_are_warned_of_and_very_few_stop(
    treated: int, status: Status, blocks: str
) -> None:
    finding = one(few_clusters.check(made(treated=treated)))
    assert (finding.status, finding.blocks) == (status, blocks)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({}, Status.PASS, "would be missed half of the time"),
        ({"p_value": 0.03}, Status.WARN, "moved apart"),
        ({"p_value": 0.002}, Status.FAIL, "moved apart"),
        ({"share": 0.8}, Status.WARN, "80% of the effect"),
    ],
)
def test_trends_before_adoption(change: dict[str, float], status: Status, words: str) -> None:
    finding = one(pre_trend.check(made(trend=replace(TREND, **change))))
    assert finding.status is status
    assert words in finding.meaning
    assert finding.blocks == ("design" if status is Status.FAIL else "none")


@pytest.mark.parametrize(
    ("empty", "p", "status"),
    [
        (0.0, 1.0, Status.PASS),
        (0.05, 0.3, Status.WARN),
        (0.05, 0.0002, Status.FAIL),
        (0.3, 0.3, Status.FAIL),
    ],
)
def test_values_that_are_missing_are_counted(empty: float, p: float, status: Status) -> None:
    finding = one(values.check(made(empty=empty, empty_p=p)))
    assert finding.status is status
    assert finding.blocks == ("design" if status is Status.FAIL else "none")
    assert ("chance does not explain" in finding.meaning) is (p < 0.001)


@pytest.mark.parametrize(
    ("clear", "inside", "of_margin", "status", "words"),
    [
        (False, True, 1.2, Status.WARN, "120% of the margin."),
        (False, False, 1.2, Status.PASS, "80% of the effect."),
        (False, True, 0.3, Status.PASS, "30% of the margin."),
        (True, True, 0.3, Status.WARN, "80% of the effect and 30% of the margin."),
    ],
)
def test_a_margin_that_a_missed_drift_would_fill_is_warned_of(
    clear: bool, inside: bool, of_margin: float, status: Status, words: str
) -> None:
    trend = replace(TREND, share=0.8, of_margin=of_margin)
    finding = one(pre_trend.check(made(trend=trend, clear=clear, inside=inside)))
    assert finding.status is status
    assert finding.meaning.endswith(words)


def test_a_trend_that_cannot_be_tested_is_warned_of() -> None:
    finding = one(pre_trend.check(made(trend=None)))
    assert finding.status is Status.WARN
    assert "cannot be tested" in finding.meaning


@pytest.mark.parametrize(
    ("p", "status"), [(0.4, Status.PASS), (0.02, Status.WARN), (0.002, Status.FAIL)]
)
def test_dates_too_early(p: float, status: Status) -> None:
    early = (Early(periods=2, words="+0.4", p_value=p), LOOKED.early[1])
    finding = one(placebo_dates.check(made(early=early)))
    assert finding.status is status
    assert finding.statistic == pytest.approx(min(1.0, 2 * p))
    assert finding.blocks == ("design" if status is Status.FAIL else "none")


def test_a_small_breakdown_is_warned_of() -> None:
    assert one(honest.check(MADE)).status is Status.PASS
    assert one(honest.check(made(trend=replace(TREND, breakdown=0.2)))).status is Status.WARN
    assert honest.check(made(clear=False)) == ()
    sure = one(honest.check(made(trend=replace(TREND, breakdown=float("inf")))))
    assert sure.statistic is None
    assert "ten times" in sure.meaning


@pytest.mark.parametrize(
    ("spill", "status", "words"),
    [
        (LOOKED.spill, Status.PASS, "do not move clicks"),
        (Spill(state="found", variation=0.4, slope="-0.5", correction="-0.2"), Status.FAIL,
         "moves by -0.5"),
        (Spill(state="cannot be told", variation=0.4, slope="-0.5", correction="-0.2"),
         Status.WARN, "leaves open"),
        (Spill(state="cannot be told", variation=0.01), Status.WARN, "1% of its spread"),
        (Spill(state="not looked at"), Status.WARN, "was not looked at"),
        (Spill(state="not looked at", declared=True), Status.PASS, "do not share a pool"),
    ],
)  # fmt: skip
def test_contamination_is_passed_only_where_it_is_ruled_out(
    spill: Spill, status: Status, words: str
) -> None:
    finding = one(contamination.check(made(spill=spill)))
    assert finding.status is status
    assert words in finding.meaning
    assert finding.blocks == "none"


def test_negative_weights_are_said() -> None:
    assert one(negative_weights.check(MADE)).status is Status.PASS
    for change in ({"negative_sum": -0.4, "negative_share": 0.3}, {"turned": True}):
        weights = replace(LOOKED.weights, **change)  # type: ignore[type-var]
        assert one(negative_weights.check(made(weights=weights))).status is Status.WARN


@pytest.mark.parametrize(
    ("z", "covariates", "status"),
    [
        (0.5, False, Status.PASS),
        (-2.4, False, Status.WARN),
        (3.5, False, Status.FAIL),
        (3.5, True, Status.WARN),
    ],
)
def test_two_ways_agree_or_not(z: float, covariates: bool, status: Status) -> None:
    finding = one(agreement.check(made(z=z, covariates=covariates)))
    assert finding.status is status


def test_a_count_that_jumps_is_warned_of() -> None:
    assert one(logging.check(MADE)).status is Status.PASS
    finding = one(logging.check(made(jump=6.0)))
    assert finding.status is Status.WARN
    assert "the count itself changed" in finding.meaning
    assert logging.check(made(jump=None)) == ()


def test_a_ramp_is_a_note() -> None:
    assert ramp.check(MADE) == ()
    finding = one(ramp.check(made(ramp=Ramp(share=0.3, first="+0.3", later="+1.0"))))
    assert finding.status is Status.PASS


@pytest.mark.parametrize(
    ("p", "status"), [(0.2, Status.PASS), (0.02, Status.WARN), (1e-5, Status.FAIL)]
)
def test_what_cannot_have_moved(p: float, status: Status) -> None:
    unmoved = (Unmoved(outcome="pings", words="+3", p_value=p),)
    finding = one(negative_controls.check(replace(MADE, unmoved=unmoved)))
    assert finding.status is status
    assert finding.blocks == ("design" if status is Status.FAIL else "none")


def test_what_was_not_made_is_not_judged() -> None:
    bare = Made(panel=PANEL)
    members = (few_clusters, pre_trend, placebo_dates, honest, contamination, negative_weights)
    for member in (*members, agreement, logging, ramp, negative_controls):
        assert member.check(bare) == ()
