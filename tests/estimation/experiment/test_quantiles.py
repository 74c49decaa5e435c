"""Quantiles cover their truth, of units and of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from causal.content.metric import Metric
from causal.data.moments.collected import Part, Reading, Sample
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.quantiles import quantile

RUNS = 300
BAR = 3 * np.sqrt(0.95 * 0.05 / RUNS)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_of_units_they_cover(at: float) -> None:
    truth, hits = np.exp(norm.ppf(at)), 0
    for seed in range(RUNS):
        found = quantile(np.random.default_rng(seed).lognormal(size=800), None, at=at)
        hits += abs(found.value - truth) <= 1.96 * found.std_error
    assert hits / RUNS >= 0.95 - BAR - 0.01


def test_of_clusters_they_cover_where_rows_alone_would_not() -> None:
    truth, hits, naive = 0.0, 0, 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(80), rng.integers(5, 25, 80))
        y = rng.normal(size=80)[cluster] + rng.normal(size=cluster.size)
        found, rows = quantile(y, cluster, at=0.5), quantile(y, None, at=0.5)
        hits += abs(found.value - truth) <= t.isf(0.025, found.n - 1) * found.std_error
        naive += abs(rows.value - truth) <= 1.96 * rows.std_error
    assert hits / RUNS >= 0.95 - BAR
    assert naive / RUNS < 0.8


def test_too_few_rows_for_a_tail_have_no_error() -> None:
    assert np.isnan(quantile(np.arange(20.0), None, at=0.99).std_error)
    assert np.isnan(quantile(np.zeros(0), None, at=0.5).value)
    assert np.isnan(quantile(np.arange(9.0), np.zeros(9, int), at=0.5).std_error)


def test_a_repeated_value_is_never_certain() -> None:
    found = quantile(np.repeat([1.0, 2.0, 3.0], 100), None, at=0.5)
    assert found.value == 2.0
    assert np.isnan(found.std_error)


def sample(seed: int, slower: float = 0.0, n: int = 3_000) -> tuple[Sample, Moments]:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    value = rng.lognormal(size=n) * (1 + slower * arm)
    found = Sample(arm=arm, value=value, cluster=None, missing=np.zeros(2, int))
    return found, moments_of(arm, value[:, None], arms=("A", "B"), columns=("y",))


def latency(**more: object) -> Metric:
    return Metric(name="p90", column="ms", type="quantile", quantile=0.9, goal="decrease", **more)  # type: ignore[arg-type]


ASKED = Asked(arm_column="arm")
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)


def test_the_difference_and_its_relative_interval_cover() -> None:
    hits = 0
    for seed in range(RUNS):
        found, moments = sample(seed, slower=0.3)
        (own,) = compare(moments, [], [latency(role="guardrail", margin=0.1)], ASKED, RULES,
                         samples={"p90": found})  # fmt: skip
        assert own.relative.low is not None
        assert own.relative.high is not None
        hits += own.relative.low <= 0.3 <= own.relative.high
        assert (own.relative.low > 0) == (own.effect.low > 0)
    assert hits / RUNS >= 0.95 - BAR


def test_a_quantile_can_break_its_margin_or_keep_it() -> None:
    for slower, broken in ((0.6, True), (0.0, False)):
        found, moments = sample(1, slower=slower, n=20_000)
        (own,) = compare(moments, [], [latency(role="guardrail", margin=0.2)], ASKED, RULES,
                         samples={"p90": found})  # fmt: skip
        assert own.gap is not None
        assert (own.gap.high < 0) == broken
        assert (own.gap.low > 0) != broken
        assert own.gap.value == pytest.approx(1.2 * own.control - own.treated)


def test_beside_a_quantile_success_metrics_share_alpha_evenly() -> None:
    found, moments = sample(2)
    mean = Metric(name="y", column="y")
    reading = Reading(metric="y", level=Part(numerator="y"))
    alone = compare(moments, [reading], [mean], ASKED, RULES)[0]
    both = compare(moments, [reading], [mean, latency()], ASKED, RULES, samples={"p90": found})
    assert [each.method for each in both] == ["bonferroni"] * 2
    assert both[0].decided.high - both[0].decided.low > alone.decided.high - alone.decided.low
    assert both[0].decided_p == pytest.approx(min(2 * alone.decided_p, 1))


def test_a_quantile_without_an_error_is_refused_in_words() -> None:
    found, moments = sample(3, n=30)
    (own,) = compare(moments, [], [latency(role="secondary")], ASKED, RULES,
                     samples={"p90": found})  # fmt: skip
    assert "too few units beyond it" in own.refusal


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("kind", ["smooth", "whole numbers", "many zeros"])
def test_of_what_is_negated_the_error_is_the_same(kind: str, clustered: bool) -> None:
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(60), 20) if clustered else None
    y = rng.lognormal(1.0, 1.0, 1_200)
    y = np.floor(y) if kind == "whole numbers" else y
    y = y * (rng.random(y.size) < 0.4) if kind == "many zeros" else y
    for at in (0.62, 0.7, 0.9):
        one, other = quantile(y, cluster, at=at), quantile(-y, cluster, at=1 - at)
        assert other.value == pytest.approx(-one.value)
        assert other.std_error == pytest.approx(one.std_error, rel=1e-6, nan_ok=True)


def test_few_repeats_change_nothing_and_steps_are_never_taken_for_precise() -> None:
    y = np.random.default_rng(6).lognormal(3.0, 0.5, 4_000)
    smooth, cents = quantile(y, None, at=0.5), quantile(y.round(2), None, at=0.5)
    steps = quantile(np.floor(y / 5), None, at=0.5)
    assert cents.std_error == pytest.approx(smooth.std_error, rel=0.02)
    assert np.isnan(steps.std_error) or 1.96 * steps.std_error >= 1.0
