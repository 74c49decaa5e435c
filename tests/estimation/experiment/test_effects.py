"""Effects from moments are those of regressions on the rows, whatever is adjusted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from causal.content.outcome import Goal
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments, merged
from causal.data.moments.rows import SIZE, moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment._functionals import covariance, degrees_of_freedom
from causal.estimation.experiment.effects import Asked, common, effects
from causal.estimation.experiment.levels import differences, gaps, levels

MEAN = Reading(metric="y", level=Part(numerator="y"))
RATIO = Reading(metric="r", level=Part(numerator="y", denominator="d"))
NAMES = ("y", "d", "x", "z")
PLAIN = Asked(arm_column="arm", adjustment=Adjustment.NONE)


def with_covariates(reading: Reading, *names: str) -> Reading:
    return replace(reading, covariates=tuple(Part(numerator=name) for name in names))


def asked(adjustment: Adjustment, **more: bool) -> Asked:
    return Asked(arm_column="arm", adjustment=adjustment, **more)


def rows(seed: int, n: int = 2_000, arms: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Arms, and y, d, x, z; slopes differ between arms."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, arms, n)
    x, z = rng.normal(size=(2, n))
    d = rng.poisson(3 * np.exp(0.2 * x) * (1 + 0.1 * arm)) + 1.0
    y = 5 + arm + (1 + 0.5 * arm) * x + 0.3 * z + rng.normal(size=n) * (1 + arm)
    return arm, np.column_stack([y, d, x, z])


def read(arm: np.ndarray, x: np.ndarray, **more: object) -> Moments:
    arms = tuple("ABCD"[: int(arm.max()) + 1])
    return moments_of(arm, x, arms=arms, columns=NAMES, **more)  # type: ignore[arg-type]


def test_unadjusted_they_are_least_squares_with_hc2_errors_and_welchs_df() -> None:
    from scipy.stats import ttest_ind

    arm, x = rows(1)
    found = effects(read(arm, x), [MEAN], PLAIN)
    fit = sm.OLS(x[:, 0], sm.add_constant(arm)).fit(cov_type="HC2")
    assert found.values[0] == pytest.approx(fit.params[1], rel=1e-9)
    assert found.std_errors[0] == pytest.approx(fit.bse[1], rel=1e-9)
    welch = ttest_ind(x[arm == 1, 0], x[arm == 0, 0], equal_var=False)
    assert found.df[0] == pytest.approx(welch.df, rel=1e-9)
    assert found.baseline_variance[0] == pytest.approx(
        np.array([-1, 1]) * x[arm == 0, 0].var(ddof=1) / (arm == 0).sum()
    )


def test_a_published_experiment_gives_its_difference(test_data: Path) -> None:
    """Pennsylvania reemployment bonus: treatment 4 against control on weeks of benefits."""
    frame = pd.read_parquet(next((test_data / "penn_bonus").glob("*.parquet")))
    frame = frame[frame["tg"].isin([0, 4])]
    arm = (frame["tg"] == 4).to_numpy().astype(int)
    found = effects(
        moments_of(arm, frame[["inuidur1"]].to_numpy(float), arms=("0", "4"), columns=("y",)),
        [MEAN], PLAIN,
    )  # fmt: skip
    assert found.values[0] == pytest.approx(-0.8323614791729668, rel=1e-9)
    assert found.std_errors[0] == pytest.approx(0.31058796795717425, rel=1e-9)
    assert found.df[0] == pytest.approx(3567.615895786499, rel=1e-9)


def test_a_ratio_has_the_delta_methods_error() -> None:
    """Deng, Knoblich, Lu (2018): the variance of the column a ratio is linearised to."""
    arm, x = rows(2)
    found = effects(read(arm, x), [RATIO], PLAIN)
    ratio, square = [], []
    for a in (0, 1):
        y, d = x[arm == a, 0], x[arm == a, 1]
        ratio.append(y.mean() / d.mean())
        square.append(((y - ratio[-1] * d) / d.mean()).var(ddof=1) / y.size)
    assert found.values[0] == pytest.approx(ratio[1] - ratio[0])
    assert found.std_errors[0] == pytest.approx(np.sqrt(sum(square)))


@pytest.mark.parametrize("adjustment", [Adjustment.CUPED, Adjustment.LIN])
def test_adjusted_they_agree_with_regression_to_the_order_of_one_over_n(
    adjustment: Adjustment,
) -> None:
    arm, x = rows(3)
    reading = with_covariates(MEAN, "x", "z")
    found = effects(read(arm, x), [reading], asked(adjustment))
    covariates = x[:, 2:] - x[:, 2:].mean(axis=0)
    wide = np.column_stack([np.ones(arm.size), arm, covariates])
    apart = np.zeros(2)
    if adjustment is Adjustment.LIN:
        wide = np.column_stack([wide, arm[:, None] * covariates])
    fit = sm.OLS(x[:, 0], wide).fit(cov_type="HC2")
    if adjustment is Adjustment.LIN:
        apart = fit.params[4:]
    # The regression holds the mean of the covariates fixed; over a superpopulation it varies.
    varies = apart @ np.cov(covariates.T) @ apart / arm.size
    assert found.values[0] == pytest.approx(fit.params[1], abs=10 / arm.size * x[:, 0].std())
    assert found.std_errors[0] == pytest.approx(np.sqrt(fit.bse[1] ** 2 + varies), rel=0.01)


def test_clusters_have_the_sandwich_error_without_its_small_sample_factors() -> None:
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(60), rng.integers(3, 40, 60))
    arm = (np.arange(60) % 2)[cluster]
    y = rng.normal(size=60)[cluster] + arm + rng.normal(size=cluster.size)
    moments = moments_of(arm, y[:, None], arms=("A", "B"), columns=("y",), cluster=cluster)
    reading = Reading(metric="y", level=Part(numerator="y", denominator=SIZE))
    found = effects(moments, [reading], asked(Adjustment.NONE, clustered=True))
    fit = sm.OLS(y, sm.add_constant(arm)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    assert found.values[0] == pytest.approx(fit.params[1])
    assert found.std_errors[0] == pytest.approx(fit.bse[1] * np.sqrt(30 / 29), rel=1e-6)
    assert not found.refusal[0]


def test_too_few_clusters_are_refused_with_the_arm_and_the_number() -> None:
    cluster = np.repeat(np.arange(9), 5)
    arm = (np.arange(9) > 4).astype(int)[cluster]
    y = np.random.default_rng(5).normal(size=(45, 1))
    moments = moments_of(arm, y, arms=("A", "B"), columns=("y",), cluster=cluster)
    found = effects(moments, [MEAN], asked(Adjustment.NONE, clustered=True))
    assert found.refusal == ("arm 'B' has 4 clusters; at least 5 are needed",)


def test_several_metrics_and_arms_have_one_joint_covariance() -> None:
    arm, x = rows(6, arms=3)
    moments = read(arm, x)
    found = effects(moments, [MEAN, RATIO], PLAIN)
    assert [label.contrast for label in found.labels] == ["B - A", "C - A"] * 2
    assert [label.outcome for label in found.labels] == ["y", "y", "r", "r"]
    assert found.covariance() == pytest.approx(
        covariance(_both(moments), moments), rel=1e-9, abs=1e-15
    )
    shared = x[arm == 0, 0].var(ddof=1) / (arm == 0).sum()
    assert found.covariance()[0, 1] == pytest.approx(shared)


def _both(moments: Moments):
    from causal.estimation.experiment._functionals import stacked

    return stacked([differences(levels(moments, r, Adjustment.NONE)) for r in (MEAN, RATIO)])


def stratified(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 3, 3_000)
    arm = (rng.random(3_000) < np.array([0.2, 0.5, 0.7])[stratum]).astype(int)
    y = 4.0 * stratum + arm * (1 + stratum) + rng.normal(size=3_000)
    return arm, stratum, np.column_stack([y, y, y, y])


def test_strata_are_weighted_by_their_shares() -> None:
    arm, stratum, x = stratified(7)
    moments = read(arm, x, stratum=stratum, strata=(("a",), ("b",), ("c",)))
    found = effects(moments, [MEAN], PLAIN)
    share = np.bincount(stratum) / stratum.size
    own = np.array(
        [[x[(arm == a) & (stratum == s), 0] for s in range(3)] for a in (0, 1)], dtype=object
    )
    tau = np.array([own[1, s].mean() - own[0, s].mean() for s in range(3)])
    v = np.array([sum(own[a, s].var(ddof=1) / own[a, s].size for a in (0, 1)) for s in range(3)])
    assert found.values[0] == pytest.approx(share @ tau)
    between = share @ (tau - share @ tau) ** 2 / stratum.size
    assert found.std_errors[0] ** 2 == pytest.approx(share**2 @ v + between)


def test_a_stratum_without_an_arm_is_left_out_and_several_small_ones_are_one() -> None:
    arm, stratum, x = stratified(8)
    names = tuple((name,) for name in "abcde")
    whole = effects(read(arm, x, stratum=stratum, strata=names[:3]), [MEAN], PLAIN)
    lonely = np.concatenate([stratum, np.full(4, 3)]), np.concatenate([arm, np.ones(4, int)])
    more = np.vstack([x, np.full((4, 4), 1e6)])
    found = effects(read(lonely[1], more, stratum=lonely[0], strata=names), [MEAN], PLAIN)
    assert found.values == pytest.approx(whole.values)
    assert found.sizes == whole.sizes
    pairs = np.concatenate([stratum, [3, 3, 4, 4]]), np.concatenate([arm, [0, 1, 0, 1]])
    moments = read(pairs[1], more, stratum=pairs[0], strata=names)
    assert common(moments).strata == (*names[:3], ("the rest",))
    assert common(moments).n.sum() == arm.size + 4


def test_pairs_alone_are_compared_without_strata() -> None:
    arm, x = np.tile([0, 1], 20), np.random.default_rng(0).normal(size=(40, 4))
    names = tuple((str(i),) for i in range(20))
    moments = read(arm, x, stratum=np.repeat(np.arange(20), 2), strata=names)
    found, plain = (effects(m, [MEAN], PLAIN) for m in (moments, read(arm, x)))
    assert found.std_errors == pytest.approx(plain.std_errors)


def invariant(one: Moments, other: Moments, scale: float = 1.0) -> None:
    for adjustment in Adjustment:
        for reading in (with_covariates(MEAN, "x", "z"), with_covariates(RATIO, "x")):
            a, b = (effects(m, [reading], asked(adjustment)) for m in (one, other))
            assert b.values == pytest.approx(scale * a.values, rel=1e-8)
            assert b.std_errors == pytest.approx(abs(scale) * a.std_errors, rel=1e-8)
            assert b.df == pytest.approx(a.df, rel=1e-6)
            assert b.baseline == pytest.approx(scale * a.baseline, rel=1e-8)


def test_negating_and_rescaling_an_outcome_does_so_to_its_effect() -> None:
    arm, x = rows(9)
    for scale in (-1.0, 1e3):
        invariant(read(arm, x), read(arm, x * np.array([scale, 1, 1, 1])), scale)


def test_rescaling_or_shifting_a_covariate_changes_nothing() -> None:
    arm, x = rows(10)
    invariant(read(arm, x), read(arm, x * np.array([1, 1, -50.0, 1]) + np.array([0, 0, 3.0, 0])))


def test_order_of_rows_and_strata_and_shards_change_nothing() -> None:
    arm, x = rows(11)
    stratum = np.random.default_rng(0).integers(0, 3, arm.size)
    names = (("a",), ("b",), ("c",))
    whole = read(arm, x, stratum=stratum, strata=names)
    order = np.random.default_rng(1).permutation(arm.size)
    invariant(whole, read(arm[order], x[order], stratum=(stratum[order] + 1) % 3,
                          strata=(names[2], names[0], names[1])))  # fmt: skip
    pieces = np.array_split(order, 7)
    parts = [read(arm[i], x[i], stratum=stratum[i], strata=names) for i in pieces]
    invariant(whole, merged(parts))


def test_collinear_covariates_count_once() -> None:
    arm, x = rows(12)
    twice = x.copy()
    twice[:, 3] = 2 * twice[:, 2] + 1
    once = effects(read(arm, x), [with_covariates(MEAN, "x")], asked(Adjustment.CUPED))
    both = effects(read(arm, twice), [with_covariates(MEAN, "x", "z")], asked(Adjustment.CUPED))
    assert both.values == pytest.approx(once.values)
    assert both.std_errors == pytest.approx(once.std_errors)


def test_a_margin_has_a_variance_of_its_own() -> None:
    arm, x = rows(13)
    moments = read(arm, x)
    of = levels(moments, MEAN, Adjustment.NONE)
    found = gaps(of, Goal.INCREASE, margin=0.1, relative=True)
    y = [x[arm == a, 0] for a in (0, 1)]
    assert found.values[0] == pytest.approx(y[1].mean() - 0.9 * y[0].mean())
    own = sum(w**2 * v.var(ddof=1) / v.size for w, v in zip((0.9, 1.0), y, strict=True))
    assert covariance(found, moments)[0, 0] == pytest.approx(own)
    down = gaps(of, Goal.DECREASE, margin=0.1, relative=True)
    assert down.values[0] == pytest.approx(1.1 * y[0].mean() - y[1].mean())
    absolute = gaps(of, Goal.DECREASE, margin=0.5, relative=False)
    assert absolute.values[0] == pytest.approx(0.5 - (y[1].mean() - y[0].mean()))
    negative = gaps(
        levels(read(arm, -x), MEAN, Adjustment.NONE), Goal.DECREASE, margin=0.1, relative=True
    )
    assert negative.values[0] == pytest.approx(y[1].mean() - 0.9 * y[0].mean())


def test_products_nobody_asked_for_make_only_their_covariance_unknown() -> None:
    arm, x = rows(14)
    found = read(arm, x)
    blank = found.scatter.copy()
    blank[..., 0, 1] = blank[..., 1, 0] = np.nan
    part = replace(found, scatter=blank)
    other = Reading(metric="d", level=Part(numerator="d"))
    from causal.estimation.experiment._functionals import stacked

    both = stacked([differences(levels(part, r, Adjustment.NONE)) for r in (MEAN, other)])
    v = covariance(both, part)
    assert np.isfinite(np.diag(v)).all()
    assert np.isnan(v[0, 1])
    assert np.isfinite(degrees_of_freedom(both, part)).all()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_errors_keep_their_digits_beside_a_metric_of_another_magnitude(scale: float) -> None:
    arm, x = rows(15)
    both = [MEAN, Reading(metric="d", level=Part(numerator="d"))]
    plain = effects(read(arm, x), both, PLAIN)
    x[:, 0] *= scale
    found = effects(read(arm, x), both, PLAIN)
    assert found.std_errors == pytest.approx(plain.std_errors * [scale, 1.0], rel=1e-9)
    assert found.df == pytest.approx(plain.df)


def test_arms_of_unequal_numbers_of_clusters_have_each_its_own_factor() -> None:
    rng = np.random.default_rng(16)
    cluster = np.repeat(np.arange(70), rng.integers(3, 40, 70))
    arm = (np.arange(70) < 22).astype(int)[cluster]
    y = rng.normal(size=70)[cluster] + arm + rng.normal(size=cluster.size)
    moments = moments_of(arm, y[:, None], arms=("A", "B"), columns=("y",), cluster=cluster)
    reading = Reading(metric="y", level=Part(numerator="y", denominator=SIZE))
    found = effects(moments, [reading], asked(Adjustment.NONE, clustered=True))
    square = 0.0
    for a, count in ((0, 48), (1, 22)):
        own = arm == a
        fit = sm.OLS(y[own], np.ones(own.sum())).fit(
            cov_type="cluster", cov_kwds={"groups": cluster[own], "use_correction": False}
        )
        square += float(fit.bse[0] ** 2) * count / (count - 1)
    assert found.values[0] == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean(), rel=1e-9)
    assert found.std_errors[0] == pytest.approx(np.sqrt(square), rel=1e-6)
