"""Effects of experiments on two sides: against statsmodels, known worlds, and invariances."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.readout.two_sided import METRICS, SETTINGS, Setting, draw, measure, truths
from causal.base.streams import stream
from causal.content.metric import Metric
from causal.content.outcome import Goal, Role
from causal.data.pairs.sums import PairSums, sums_of
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.two_sided.cells import Cells, cells
from causal.estimation.two_sided.estimands import (
    Estimand,
    against,
    covariance,
    estimates,
    four,
)
from causal.estimation.two_sided.identified import Spill, identified
from causal.estimation.two_sided.readings import BOTH, cell_levels, readings, totals

MEAN, RATIO = METRICS
SMALL = SETTINGS[1]
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)
RUNS = 120


def rows(seed: int, users: int = 24, creators: int = 16) -> pd.DataFrame:
    """Every pair, half of each side treated."""
    rng = stream(seed, "two-sided rows")
    user, creator = np.divmod(np.arange(users * creators), creators)
    a, b = user % 2, creator % 2
    y = (
        rng.gamma(3.0, 1.0, users)[user]
        + rng.normal(0, 1, creators)[creator]
        + rng.normal(0, 1, user.size)
        + 0.5 * a * b
    )
    return pd.DataFrame({"user": user, "creator": creator, "a": a, "b": b, "y": y})


def summed(table: pd.DataFrame) -> PairSums:
    sides = [table.drop_duplicates(key).sort_values(key) for key in ("user", "creator")]
    return sums_of(
        table["user"].to_numpy(),
        table["creator"].to_numpy(),
        table[["y"]].to_numpy(),
        user_arm=sides[0]["a"].to_numpy(),
        creator_arm=sides[1]["b"].to_numpy(),
        columns=("y",),
    )


def test_errors_are_those_of_statsmodels_clustered_by_user_and_by_creator():
    """Without its small-sample factors, which are by units of all arms, and not by arm."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

    table = rows(1)
    fit = smf.ols("y ~ a * b", table).fit()
    _, by_user, by_creator = cov_cluster_2groups(
        fit, table["user"], table["creator"], use_correction=False
    )
    of = cells(summed(table))
    listed = [Estimand.USERS, Estimand.CREATORS, Estimand.INTERACTION]
    wanted = [against(of, Metric(name="y", column="y"), each) for each in listed]
    for at, own in enumerate(wanted):
        gradient = own.gradient[0]
        users, creators = 12, 8
        value = fit.params.iloc[at + 1]
        assert own.values[0] == pytest.approx(value, rel=1e-9)
        by = gradient @ of.user.sum(axis=0) @ gradient * (users - 1) / users
        assert by == pytest.approx(by_user[at + 1, at + 1], rel=1e-9)
        by = gradient @ of.creator.sum(axis=0) @ gradient * (creators - 1) / creators
        assert by == pytest.approx(by_creator[at + 1, at + 1], rel=1e-9)


def test_the_noise_of_pairs_is_what_statsmodels_finds_beside_users_and_creators():
    import statsmodels.formula.api as smf

    table = rows(2)
    of = cells(summed(table))
    own = table[(table["a"] == 1) & (table["b"] == 0)]
    left = smf.ols("y ~ C(user) + C(creator)", own).fit().mse_resid
    found = covariance(four(of, Metric(name="y", column="y")), of)
    users, creators = 12, 8
    assert of.pair[2, 2] == pytest.approx(left / (users * creators), rel=1e-9)
    by_user = own.groupby("user")["y"].mean().var() / users
    by_creator = own.groupby("creator")["y"].mean().var() / creators
    expected = by_user + by_creator - left / (users * creators)
    assert found[2, 2] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("setting", SETTINGS[1:], ids=lambda each: each.name)
def test_intervals_cover_the_truth_as_often_as_they_say(setting: Setting):
    allowed = 3 * np.sqrt(0.95 * 0.05 / RUNS)
    for cell in measure(setting, RUNS):
        assert 0.95 - allowed <= min(cell.absolute, cell.relative), cell


def test_every_estimand_is_the_difference_of_cells_that_its_name_says():
    of = cells(draw(SMALL, stream(3, "cells")))
    neither, creator, user, both = four(of, MEAN).values
    value = {each: against(of, MEAN, each).values[0] for each in Estimand}
    assert value[Estimand.TOTAL] == pytest.approx(both - neither)
    assert value[Estimand.USERS] == pytest.approx(user - neither)
    assert value[Estimand.CREATORS] == pytest.approx(creator - neither)
    assert value[Estimand.INTERACTION] == pytest.approx(both - user - creator + neither)
    apart = value[Estimand.USERS] + value[Estimand.CREATORS] + value[Estimand.INTERACTION]
    assert value[Estimand.TOTAL] == pytest.approx(apart)
    share = of.creators[1] / of.creators.sum()
    mixed = (1 - share) * (user - neither) + share * (both - creator)
    assert value[Estimand.USERS_MIXED] == pytest.approx(mixed)


def test_the_mix_of_a_ratio_is_the_ratio_of_mixes():
    drawn = draw(SMALL, stream(4, "cells"))
    clicks, shown = drawn.total.sum(axis=1).T
    own = against(cells(drawn), RATIO, Estimand.USERS_MIXED).values
    np.testing.assert_allclose(own, [clicks[1] / shown[1] - clicks[0] / shown[0],
                                     clicks[0] / shown[0]])  # fmt: skip


def test_absent_pairs_count_as_zero():
    table = rows(5)
    table.loc[::3, "y"] = 0.0
    whole, few = (cells(summed(each)) for each in (table, table[table["y"] != 0]))
    np.testing.assert_allclose(whole.mean, few.mean)
    for part in ("user", "creator", "pair"):
        np.testing.assert_allclose(getattr(whole, part), getattr(few, part), atol=1e-12)


def test_another_unit_of_measurement_scales_effects_and_leaves_p_as_it_is():
    table = rows(6)
    one = readings(cells(summed(table)), [Metric(name="y", column="y")], 0.95)
    table["y"] *= -1_000
    other = readings(cells(summed(table)), [Metric(name="y", column="y")], 0.95)
    for mine, theirs in zip(one, other, strict=True):
        assert theirs.effect.value == pytest.approx(-1_000 * mine.effect.value)
        assert theirs.p_value == pytest.approx(mine.p_value, rel=1e-9)


def test_swapping_users_and_creators_swaps_their_estimands():
    table = rows(7)
    turned = table.rename(columns={"user": "creator", "creator": "user", "a": "b", "b": "a"})
    y = Metric(name="y", column="y")
    one, other = (
        {each.estimand: each for each in readings(cells(summed(made)), [y], 0.95)}
        for made in (table, turned)
    )
    for mine, theirs in ((Estimand.USERS, Estimand.CREATORS), (Estimand.TOTAL, Estimand.TOTAL),
                         (Estimand.USERS_MIXED, Estimand.CREATORS_MIXED)):  # fmt: skip
        assert one[mine].effect.low == pytest.approx(other[theirs].effect.low)
        assert one[mine].df == pytest.approx(other[theirs].df)


def test_degrees_of_freedom_are_those_of_the_side_with_fewer():
    drawn = draw(replace(SMALL, users=400, creators=20), stream(8, "cells"))
    found = estimates(cells(drawn), [MEAN], Estimand.TOTAL)
    assert found.df[0] <= drawn.creators.sum() - 2
    assert found.sizes[0].clusters == 20


def test_the_p_value_and_the_relative_interval_are_of_one_test():
    for seed in range(30):
        of = cells(draw(SMALL, stream(seed, "one test")))
        for each in readings(of, [MEAN], 0.95):
            zero_out = each.effect.low > 0 or each.effect.high < 0
            assert zero_out == (each.p_value < 0.05)
            assert each.relative.low is not None
            assert each.relative.high is not None
            assert zero_out == (each.relative.low > 0 or each.relative.high < 0)


def test_several_success_metrics_are_decided_together_and_guardrails_alone():
    of = cells(draw(SMALL, stream(9, "cells")))
    second = Metric(name="shown", column="shown")
    guard = RATIO.model_copy(update={"role": Role.GUARDRAIL, "margin": 0.05})
    found = totals(of, [MEAN, second, guard], RULES)
    assert [each.method for each in found] == ["largest |t| of the family"] * 2 + ["t"]
    assert found[0].decided.low < found[0].effect.low
    assert found[0].arm == BOTH
    assert found[2].gap is not None
    assert found[2].gap.value == pytest.approx(found[2].treated - 0.95 * found[2].control)


def test_a_margin_turns_with_the_goal():
    of = cells(draw(SMALL, stream(10, "cells")))
    hides = MEAN.model_copy(
        update={"role": Role.GUARDRAIL, "goal": Goal.DECREASE, "absolute_margin": 2.0}
    )
    (found,) = totals(of, [hides], RULES)
    assert found.gap is not None
    assert found.gap.value == pytest.approx(2.0 - (found.treated - found.control))


def test_few_units_of_one_side_are_not_estimable():
    few = draw(replace(SMALL, creators=6), stream(11, "cells"))
    (found,) = totals(cells(few), [MEAN], RULES)
    assert "creators in the" in found.refusal
    assert cell_levels(cells(few), [MEAN], 0.95)[0].refusal == found.refusal


def test_a_cell_without_a_denominator_is_not_estimable():
    table = rows(12).assign(y=0.0)
    made = summed(table)
    empty = Cells(**{name: getattr(cells(made), name) for name in Cells.__slots__})
    ratio = Metric(name="r", numerator="y", denominator="y")
    assert "denominator is zero" in readings(empty, [ratio], 0.95)[0].refusal


@pytest.mark.parametrize(
    ("spill", "given", "pool", "margins", "holds", "words"),
    [
        (0.0, "pairs", None, {"clicks": 0.5}, True, "ruled out beyond 50%"),
        (0.0, "pairs", None, {}, False, "neither shown nor ruled out .*equivalence"),
        (-0.6, "pairs", None, {"clicks": 0.01}, False, "lost .* of clicks"),
        (-0.6, "pairs", "separate", {}, False, "lost .* of clicks"),
        (0.0, "pairs", "separate", {}, True, "declares .* no spillover is shown"),
        (0.0, "pairs", "shared", {"clicks": 0.5}, False, "attention of the same users"),
        (0.0, "sides", None, {"clicks": 0.5}, False, "attention of the same users"),
        (0.0, "sides", "separate", {}, True, "declares"),
    ],
)
def test_the_global_effect_is_identified_only_where_nothing_spills(
    spill, given, pool, margins, holds, words
):
    setting = Setting(name="spill", users=300, creators=200, effects=(0.0, spill, 0.4))
    of = cells(draw(setting, stream(12, "spill")))
    found = identified(
        readings(of, [MEAN], 0.95), given=given, pool=pool, margins=margins, level=0.95
    )
    assert found.holds is holds
    assert re.search(words, found.because), found.because


def test_spillovers_within_the_margin_count_as_none():
    setting = Setting(name="small", users=600, creators=400, effects=(0.0, 0.05, 0.4), noise=0.0)
    of = cells(draw(setting, stream(13, "small")))
    found = identified(
        readings(of, [MEAN], 0.95), given="pairs", pool=None, margins={"clicks": 0.4}, level=0.95
    )
    assert {each.spill for each in found.spillovers} == {Spill.RULED_OUT}


def test_truths_are_those_of_a_world_of_many():
    large = replace(SETTINGS[0], users=1_200, creators=900)
    of = cells(draw(large, stream(14, "large")))
    for metric in METRICS:
        for estimand in (Estimand.TOTAL, Estimand.USERS, Estimand.CREATORS):
            found = estimates(of, [metric], estimand)
            absolute, _ = truths(large)[metric.name, estimand]
            assert abs(found.values[0] - absolute) <= 4 * found.std_errors[0]


def test_errors_are_those_of_assigning_the_same_pairs_again():
    """Nothing was done and outcomes stay as they are; only who is in which arm is drawn anew."""
    table, rng = rows(15, 40, 30), stream(15, "again")
    user, creator = table["user"].to_numpy(), table["creator"].to_numpy()
    y = (table["y"] - 0.5 * table["a"] * table["b"]).to_numpy()[:, None]
    runs, metric = 500, Metric(name="y", column="y")
    for estimand in (Estimand.TOTAL, Estimand.USERS, Estimand.INTERACTION):
        values, variances = [], []
        for _ in range(runs):
            made = sums_of(
                user,
                creator,
                y,
                user_arm=rng.permutation(40) % 2,
                creator_arm=rng.permutation(30) % 2,
                columns=("y",),
            )
            found = estimates(cells(made), [metric], estimand)
            values.append(found.values[0])
            variances.append(found.std_errors[0] ** 2)
        allowed = 3 * np.sqrt(2 / (runs - 1))
        assert abs(np.mean(variances) / np.var(values, ddof=1) - 1) <= allowed, estimand


def test_one_small_p_among_many_spillovers_is_not_called_shown():
    of = cells(draw(SMALL, stream(16, "cells")))
    own = [each for each in readings(of, [MEAN], 0.95) if each.estimand is Estimand.USERS]
    many = [replace(own[0], metric=str(i), p_value=0.03 if i == 0 else 0.6) for i in range(4)]
    for listed, spill in ((many[:1], Spill.SHOWN), (many, Spill.OPEN)):
        found = identified(listed, given="pairs", pool=None, margins={}, level=0.95)
        assert found.spillovers[0].spill is spill
