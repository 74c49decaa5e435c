import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.exposure.late import compliers, hotelling, late

ASKED = Asked(arm_column="arm", adjustment=Adjustment.NONE)
NAMES = ("exposed", "clicks", "age", "age x exposed")
READINGS = [Reading(metric=name, level=Part(numerator=name)) for name in NAMES]


def drawn(seed, *, n=1_000, pull=1.0, arms=2, worth_of=2.0):
    """Types never, complier, always; compliers are younger. Exposure is worth 2 to compliers."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, arms, n)
    u = rng.normal(size=n)
    age = 40 + 10 * u
    reach = -0.7 + pull * arm
    exposed = (u < reach).astype(float)
    clicks = worth_of * exposed + 1.5 * u + rng.normal(size=n)
    return arm, np.column_stack([exposed, clicks, age, age * exposed])


def found(arm, x):
    arms = tuple("ABCD"[: int(arm.max()) + 1])
    return effects(moments_of(arm, x, arms=arms, columns=NAMES), READINGS, ASKED)


def test_it_is_two_stage_least_squares_and_its_set_that_of_the_rows():
    arm, x = drawn(1, n=4_000)
    ours = late(found(arm, x), "exposed", level=0.95, binary=True)[0]
    wald = (x[arm == 1, 1].mean() - x[arm == 0, 1].mean()) / (
        x[arm == 1, 0].mean() - x[arm == 0, 0].mean()
    )
    assert ours.worth.point == pytest.approx(wald, rel=1e-9)
    rows = worth(
        from_rows(x[:, 1], x[:, 0], arm[:, None].astype(float), np.arange(4_000)), level=0.95
    )
    assert ours.worth.intervals[0] == pytest.approx(rows.intervals[0], abs=0.02)
    assert (ours.outcome, ours.arms, ours.estimand) == ("clicks", ("B - A",), "LATE")


def test_the_ratio_is_the_two_stage_least_squares_of_statsmodels():
    from statsmodels.sandbox.regression.gmm import IV2SLS

    arm, x = drawn(2, n=2_000)
    one = np.ones(2_000)
    theirs = IV2SLS(x[:, 1], np.column_stack([one, x[:, 0]]), np.column_stack([one, arm])).fit()
    ours = late(found(arm, x), "exposed", level=0.95)[0].worth
    assert ours.best == pytest.approx(theirs.params[1], rel=1e-8)
    low, high = theirs.conf_int()[1]
    assert ours.intervals[0] == pytest.approx((low, high), abs=0.15 * (high - low))


@pytest.mark.parametrize(("arms", "pull"), [(2, 1.0), (2, 0.05), (3, 0.5)])
def test_the_set_covers_the_worth_to_compliers(arms, pull):
    runs, hits = 100, 0
    for seed in range(runs):
        each = late(found(*drawn([seed, 3], pull=pull, arms=arms)), "exposed", level=0.95)
        hits += 2.0 in [one for one in each if one.outcome == "clicks"][-1].worth
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_three_arms_are_read_one_by_one_and_together():
    each = late(found(*drawn(4, pull=0.5, arms=3, n=6_000)), "exposed", level=0.95)
    clicks = [one for one in each if one.outcome == "clicks"]
    assert [one.arms for one in clicks] == [("B - A",), ("C - A",), ("B - A", "C - A")]
    width = [one.worth.intervals[0][1] - one.worth.intervals[0][0] for one in clicks]
    assert width[2] < width[0]
    assert 0 <= clicks[2].worth.contradiction <= 1


def test_an_arm_that_hardly_moves_the_exposure_claims_no_point():
    one = late(found(*drawn(5, pull=0.01)), "exposed", level=0.95)[0]
    assert one.worth.point is None
    assert one.worth.kind in ("rays", "whole line")
    assert "too little" in one.worth.why_no_point


def test_compliers_are_described_as_they_are():
    runs, hits = 100, 0
    rng = np.random.default_rng(0)
    u = rng.normal(size=2_000_000)
    between = (u >= -0.7) & (u < 0.3)
    age, share = 40 + 10 * u[between].mean(), between.mean()
    for seed in range(runs):
        (one,) = compliers(
            found(*drawn([seed, 6])), "exposed", {"age": "age x exposed"}, level=0.95
        )
        hits += one.means["age"].low <= age <= one.means["age"].high
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    (one,) = compliers(found(*drawn(7, n=50_000)), "exposed", {"age": "age x exposed"}, level=0.95)
    assert one.share == pytest.approx(share, abs=4 * one.share_error)
    assert one.always == pytest.approx((u < -0.7).mean(), abs=0.02)
    assert one.always + one.share + one.never == pytest.approx(1)
    assert one.everyone["age"] == pytest.approx(40, abs=0.4)
    assert one.means["age"].value < one.everyone["age"]


def test_an_arm_that_lowers_the_exposure_has_the_same_compliers():
    arm, x = drawn(8, n=20_000)
    (up,) = compliers(found(arm, x), "exposed", {"age": "age x exposed"}, level=0.95)
    (down,) = compliers(found(1 - arm, x), "exposed", {"age": "age x exposed"}, level=0.95)
    assert (down.share, down.always, down.never) == pytest.approx((up.share, up.always, up.never))
    assert down.means["age"].value == pytest.approx(up.means["age"].value)
    assert down.means["age"].low == pytest.approx(up.means["age"].low)


def test_too_few_compliers_are_not_described_and_an_amount_has_none():
    assert (
        compliers(found(*drawn(9, pull=0.01)), "exposed", {"age": "age x exposed"}, level=0.95)
        == ()
    )
    with pytest.raises(DesignError, match="'age' is not had or not, but an amount"):
        compliers(found(*drawn(9)), "age", {}, level=0.95)


def test_an_unknown_exposure_and_no_outcome_are_errors():
    both = found(*drawn(10))
    with pytest.raises(DesignError, match=r"no effect on 'expose'.*Did you mean 'exposed'"):
        late(both, "expose", level=0.95)
    with pytest.raises(DesignError, match="the only metric"):
        late(both.select(np.array([0])), "exposed", level=0.95)


def test_what_the_effects_refuse_is_refused_and_the_rest_is_told():
    arm, x = drawn(11)
    assert all(one.refusal == "" for one in late(found(arm, x), "exposed", level=0.95))
    keep = (arm == 0) | (np.cumsum(arm == 1) <= 1)
    one = late(found(arm[keep], x[keep]), "exposed", level=0.95)[0]
    assert one.refusal == "arm 'B' has 1 units; at least 2 are needed"
    assert one.worth is None
    x[:, 1] = 7.0
    constant, age, _ = late(found(arm, x), "exposed", level=0.95)
    assert constant.refusal == "'clicks' does not vary within the arms"
    assert age.worth is not None


def test_f_of_several_arms_is_the_effective_one_of_montiel_olea_and_pflueger():
    arm, x = drawn(21, pull=0.4, arms=4, n=3_000)
    x[:, 0] += (arm == 3) * np.random.default_rng(5).normal(size=arm.size)
    z = np.column_stack([arm == each for each in (1, 2, 3)]).astype(float)
    z -= z.mean(axis=0)
    d = x[:, 0] - x[:, 0].mean()
    slope = np.linalg.solve(z.T @ z, z.T @ d)
    scores = z * (d - z @ slope)[:, None]
    effective = (z.T @ d) @ slope / np.trace(np.linalg.solve(z.T @ z, scores.T @ scores))
    ours = late(found(arm, x), "exposed", level=0.95)
    whole = [each for each in ours if each.outcome == "clicks"][-1].worth
    assert whole.first_stage == pytest.approx(effective, rel=2e-3)


def test_an_exposure_that_is_the_arm_itself_is_worth_the_effect_of_the_arm():
    arm, x = drawn(22)
    x[:, 0] = 2.0 * arm
    effect = found(arm, x)
    ours = next(each for each in late(effect, "exposed", level=0.95) if each.outcome == "clicks")
    error = effect.std_errors[1] / 2
    assert ours.worth.best == pytest.approx(effect.values[1] / 2)
    low, high = ours.worth.intervals[0]
    assert (high - low) / 2 == pytest.approx(1.9623 * error, rel=1e-3)
    assert np.isinf(ours.worth.first_stage)


def test_arms_that_are_doses_are_read_together_by_least_squares_of_their_effects():
    arm, x = drawn(23, arms=4, n=4_000)
    x[:, 0] = np.array([0.0, 1.0, 2.0, 3.0])[arm]
    x[:, 1] = 0.7 * x[:, 0] + np.random.default_rng(6).normal(size=arm.size)
    ours = [each for each in late(found(arm, x), "exposed", level=0.95) if each.outcome == "clicks"]
    assert [each.worth.kind for each in ours] == ["bounded"] * 4
    slope = np.polyfit(x[:, 0], x[:, 1], 1)[0]
    assert ours[-1].worth.best == pytest.approx(slope, abs=0.01)
    assert 0.7 in ours[-1].worth


def test_what_cannot_be_used_is_refused_in_words():
    arm, x = drawn(24)
    x[:, 1] = 3.0
    ours = {each.outcome: each for each in late(found(arm, x), "exposed", level=0.95)}
    assert ours["clicks"].refusal == "'clicks' does not vary within the arms"
    few = np.r_[np.flatnonzero(arm == 0), np.flatnonzero(arm == 1)[:2]]
    ours = late(found(arm[few], drawn(24)[1][few]), "exposed", level=0.95)[0]
    assert "independent units or clusters are too few" in ours.refusal


def test_means_of_compliers_are_those_of_both_sides_of_abadie():
    arm, x = drawn(25, n=60_000)
    (ours,) = compliers(found(arm, x), "exposed", {"age": "age x exposed"}, level=0.95)
    d, age, p = x[:, 0], x[:, 2], arm.mean()
    kappa = 1 - d * (1 - arm) / (1 - p) - (1 - d) * arm / p
    mean = ours.means["age"]
    assert mean.low < (kappa * age).mean() / kappa.mean() < mean.high
    assert ours.share == pytest.approx(kappa.mean(), abs=0.01)
    assert ours.share + ours.always + ours.never == pytest.approx(1.0)
    u = (age - 40) / 10
    moved = (u >= -0.7) & (u < 0.3)
    assert mean.low < age[moved].mean() < mean.high


@pytest.mark.parametrize(("clusters", "arms"), [(24, 3), (36, 5)])
def test_several_arms_of_few_clusters_have_a_set_that_covers(clusters, arms):
    runs, hits = 150, 0
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE, clustered=True)
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in ("d", "y")]
    for seed in range(runs):
        rng = np.random.default_rng([seed, clusters])
        given = rng.permutation(np.arange(clusters) % (arms + 1))
        cluster = np.repeat(np.arange(clusters), rng.integers(5, 40, clusters))
        arm = given[cluster]
        u = 0.7 * rng.normal(size=clusters)[cluster] + rng.normal(size=arm.size)
        d = 0.4 * (arm > 0) + u + rng.normal(size=arm.size)
        x = np.column_stack([d, 0.5 * d + u + rng.normal(size=arm.size)])
        of = moments_of(arm, x, arms="ABCDEF"[: arms + 1], columns=("d", "y"), cluster=cluster)
        whole = late(effects(of, readings, asked), "d", level=0.95)[-1]
        assert whole.refusal == ""
        hits += 0.5 in whole.worth
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_degrees_of_freedom_of_two_arms_lie_between_those_of_one_and_of_all():
    v = np.array([[0.2, 0.1], [0.1, 0.3]])
    free = hotelling(v, np.array([8.0, 8.0, 8.0]), np.array([14.0, 10.0]))
    assert 10 < free < 21
    fewer = hotelling(v, np.array([8.0, 8.0, 8.0]), np.array([7.0, 5.0]))
    assert fewer == pytest.approx(free * 5 / 10, rel=0.3)
    assert np.isnan(hotelling(np.zeros((2, 2)), np.full(3, 8.0), np.full(2, 14.0)))
