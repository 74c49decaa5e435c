import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.exposure.late import compliers, late

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
    assert constant.refusal == "its values do not vary within the arms"
    assert age.worth is not None
