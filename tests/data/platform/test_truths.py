"""Truths: identities, planted answers in the right direction, and the cache."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.data.platform import UNIT, Policy, Ranker, Settings
from causal.data.platform.causes import GapCause, GapValue, Movement, shapley
from causal.data.platform.estimands import (
    FirstDayValue,
    Marginal,
    PerImpression,
    PolicyGrid,
    Rollout,
    creator_side,
    global_effect,
    policy_value,
    regret,
    switchback,
    two_sided,
    user_side,
)
from causal.data.platform.experiments import experiments
from causal.data.platform.metrics import METRICS
from causal.data.platform.truths import truth

SETTINGS = Settings(size=UNIT)
TINY = replace(SETTINGS, size=replace(UNIT, users=120, creators=30, days=21, adoption=(7, 14, 14)))


@dataclass(frozen=True)
class Counted:
    """An estimand that counts how often it is asked."""

    asked: list[int]

    def __repr__(self) -> str:
        return "Counted()"

    def measure(self, settings: Settings) -> dict[str, float]:
        self.asked.append(settings.seed)
        return {"seed": float(settings.seed), "one": 1.0}


def test_a_truth_is_a_mean_over_seeds_with_its_error():
    found = truth(Counted([]), SETTINGS, seeds=(1, 2, 3, 6))
    assert found["seed"].value == 3.0
    assert np.isclose(found["seed"].error, np.std([1, 2, 3, 6], ddof=1) / 2)
    assert found["one"].error == 0
    with pytest.raises(DataError, match="Did you mean 'seed'"):
        found["sead"]
    with pytest.raises(DataError, match="at least one seed"):
        truth(Counted([]), SETTINGS, seeds=())


def test_a_cached_truth_is_not_computed_again_and_other_code_is_not_read(tmp_path, monkeypatch):
    estimand = Counted([])
    first = truth(estimand, SETTINGS, seeds=(1, 2), cache=tmp_path)
    again = truth(estimand, replace(SETTINGS, seed=9), seeds=(2, 1, 5), cache=tmp_path)
    assert estimand.asked == [1, 2, 5]
    assert first["one"] == replace(again["one"], seeds=2)
    truth(estimand, replace(SETTINGS, size=replace(UNIT, users=10)), seeds=(1,), cache=tmp_path)
    assert estimand.asked == [1, 2, 5, 1]
    monkeypatch.setattr("causal.data.platform.truths.code_hash", lambda: "other code")
    truth(estimand, SETTINGS, seeds=(1,), cache=tmp_path)
    assert estimand.asked == [1, 2, 5, 1, 1]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("zero", [creator_side(), two_sided()], ids=("creators", "pairs"))
def test_boosting_everyone_is_worth_exactly_nothing(zero):
    found = truth(zero, SETTINGS, seeds=range(3))
    assert {each.quantity for each in found.values} == set(METRICS)
    assert all(each.value == 0.0 and each.error == 0.0 for each in found.values)


def test_a_user_side_effect_and_a_switchback_of_the_same_change_agree_exactly():
    one, other = truth(user_side(), TINY, seeds=(1,)), truth(switchback(), TINY, seeds=(1,))
    assert all(one[name].value == other[name].value for name in METRICS)
    assert one["new creator share"].value != 0


def test_effects_of_items_shown_by_exploration_are_smaller_and_segments_are_as_planted():
    found = truth(PerImpression(attribute="headline"), SETTINGS, seeds=range(2))
    assert 0 < found["exploration"].value < found["production"].value
    assert 0 < found["power users"].value < found["other users"].value
    video = truth(PerImpression(attribute="video"), SETTINGS, seeds=range(2))
    assert video["low bandwidth"].value < 0 < video["high bandwidth"].value


def test_what_a_few_items_gain_is_not_what_all_would():
    few = truth(Marginal(attribute="headline", fraction=0.2), SETTINGS, seeds=range(2))
    parts = few["user-seen"].value + few["ranker-seen"].value
    assert np.isclose(few["total"].value, parts)
    assert few["ranker-seen"].value > 0
    # A headline that everyone has gives nobody a better place, and lowers what a visit is worth.
    everyone = truth(global_effect("headline"), SETTINGS, seeds=range(2))
    assert everyone["worth per visit"].value < 0 < everyone["clicks per impression"].value


def test_ranking_without_popularity_costs_clicks_also_on_its_first_day():
    policy = Policy(ranker=Ranker(popularity=0.0))
    run = truth(policy_value(policy), SETTINGS, seeds=range(3))["clicks per request"]
    day = truth(FirstDayValue(policies=(policy,), day=14), SETTINGS, seeds=range(3))
    assert run.value < 0
    assert day["difference"].value < 0
    nothing = truth(FirstDayValue(policies=(Policy(ranker=Ranker()),), day=14), TINY, seeds=(1,))
    assert nothing["difference"].value == 0


def test_a_rollout_lifts_new_creators_where_it_is_and_spills_over_where_it_is_not():
    found = truth(Rollout(), SETTINGS, seeds=range(4))
    lift = found["ATT new creator share"]
    assert lift.value > 4 * lift.error
    cohorts = [each for each in found.values if each.quantity.startswith("ATT new creator share 1")]
    assert len(cohorts) == UNIT.days // 7 - 1
    assert abs(found["spillover new creator share"].value) < lift.value / 2


def test_shapley_values_add_up_and_a_mechanism_that_did_not_move_has_none():
    found = truth(Movement(mechanisms=("retrieval", "ranker")), SETTINGS, seeds=range(2))
    parts = found["retrieval"].value + found["ranker"].value
    assert np.isclose(parts, found["total"].value)
    assert found["ranker"].value != 0
    assert shapley(("a", "b", "c"), lambda who: 2.0 * ("a" in who) + ("b" in who)) == {
        "a": pytest.approx(2.0),
        "b": pytest.approx(1.0),
        "c": pytest.approx(0.0),
    }


def test_more_of_a_scarce_topic_is_worth_more_than_more_of_a_common_one():
    scarce = truth(GapValue(topic=6, items=60), SETTINGS, seeds=range(3))["worth per visit"]
    common = truth(GapValue(topic=0, items=60), SETTINGS, seeds=range(3))["worth per visit"]
    assert scarce.value > common.value
    assert scarce.value > 0
    nothing = truth(GapValue(topic=6), SETTINGS, seeds=(1,))["worth per visit"]
    assert nothing.value == 0
    hidden = truth(GapValue(topic=0, hidden=0.9), SETTINGS, seeds=range(3))["worth per visit"]
    assert hidden.value < 0


@pytest.mark.parametrize(("topic", "cause"), [(4, "quality"), (5, "retrieval"), (6, "supply")])
def test_planted_causes_of_gaps_are_found(topic, cause):
    found = truth(GapCause(topic=topic, items=60), SETTINGS, seeds=range(2))
    repairs = {name: found[name].value for name in ("supply", "retrieval", "quality")}
    assert max(repairs, key=lambda name: repairs[name]) == cause
    assert np.isclose(sum(repairs.values()), found["all"].value)


def test_the_best_policy_of_a_grid_has_no_regret():
    found = truth(PolicyGrid(weights=(0.0, 0.8)), TINY, seeds=(1,))
    values = {each.quantity: each.value for each in found.values}
    regrets = [regret(values, name, at_least=-9.0) for name in ("0/0", "0/0.8", "0.8/0", "0.8/0.8")]
    assert min(regrets) == 0
    assert max(regrets) > 0
    assert np.isnan(regret(values, "0/0", at_least=99.0))


def test_experiments_have_measured_and_true_effects():
    found = experiments(TINY, 3, users_for_truth=2)
    assert found.measured.shape == found.errors.shape == (3, len(found.names))
    assert found.true.shape == (3, len(found.true_names))
    assert (found.errors > 0).all()
    assert len(set(found.rankers)) == 3
    assert np.array_equal(experiments(TINY, 2, users_for_truth=2).true, found.true[:2])
