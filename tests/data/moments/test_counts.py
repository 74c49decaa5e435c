"""Units of randomisation by arm, day and split; names as hostile as data can be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError

ONE = [{"name": "y", "column": "visits"}]


def arms(control="A", **shares):
    return {"column": "arm", "control": control, "shares": shares}


def test_days_and_splits_count_every_unit(people, collected):
    found = collected(people, block="market", modifiers=["power"], exposed_at="seen").counts
    assert found.days.values == tuple(sorted(people["seen"].unique()))
    for split, column in (
        (found.days, "seen"),
        *zip(found.splits, ("market", "power"), strict=True),
    ):
        own = pd.crosstab(people[column].astype(str), people["arm"])
        assert split.values == tuple(own.index)
        np.testing.assert_array_equal(split.counts, own.to_numpy())
    assert found.randomized.tolist() == people["arm"].value_counts().sort_index().tolist()


def test_first_and_last_day_are_those_of_exposure(people, collected):
    found = collected(people, exposed_at="seen")
    assert (found.first, found.last) == (date(2026, 1, 1), date(2026, 1, 28))
    assert collected(people).first is None


def test_clusters_are_counted_once_and_only_splits_of_whole_clusters_are_told(people, collected):
    given = {"cluster": "school", "block": "market", "modifiers": ["power"], "exposed_at": "seen"}
    found = collected(people, **given)
    assert [split.name for split in found.counts.splits] == ["market"]
    assert found.counts.days.counts.sum() == people["school"].nunique()
    within = people.groupby(["power", "arm"])["school"].nunique().unstack().to_numpy()
    np.testing.assert_array_equal(found.segments["power"].n.T, within)


def test_segments_are_those_of_one_query_each(people, collected, monkeypatch):
    given = {"block": "market", "modifiers": ["power"], "exposed_at": "seen"}
    whole = collected(people, **given)
    monkeypatch.setattr("causal.data.moments.glance.CELLS", 1)
    apart = collected(people, **given)
    assert len(apart.sql) > len(whole.sql)
    for one, other in (
        (whole.moments, apart.moments),
        (whole.segments["power"], apart.segments["power"]),
    ):
        np.testing.assert_array_equal(one.n, other.n)
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-12)
        np.testing.assert_allclose(one.scatter, other.scatter, rtol=1e-10, atol=1e-9)
    np.testing.assert_array_equal(whole.counts.days.counts, apart.counts.days.counts)
    assert whole.counts.splits[1].values == apart.counts.splits[1].values == ("0", "1")


def test_the_control_comes_first_and_a_holdout_last(people, collected):
    rows = people.assign(arm=["A", "B", "C"] * 200)
    given = {"arms": arms("B", C=0.25, A=0.25, B=0.5), "analysis": {"holdout": "C"}}
    found = collected(rows, outcomes=ONE, **given)
    assert found.moments.arms == found.counts.arms == ("B", "A", "C")
    assert found.counts.shares.tolist() == [0.5, 0.25, 0.25]


def test_without_shares_arms_are_those_found_in_equal_shares(people, collected):
    rows = people.assign(arm=["z", "b", "A"] * 200)
    found = collected(rows, outcomes=ONE, arms=arms("b")).counts
    assert found.arms == ("b", "A", "z")
    np.testing.assert_allclose(found.shares, 1 / 3)


def test_units_of_an_arm_of_zero_share_are_counted_and_in_no_moments(people, collected):
    rows = people.copy()
    rows.loc[rows.index[:3], "arm"] = "C"
    found = collected(rows, outcomes=ONE, arms=arms(A=0.5, B=0.5, C=0))
    assert found.counts.arms == ("A", "B", "C")
    assert found.counts.randomized[2] == 3
    assert found.moments.arms == ("A", "B")
    empty = collected(people, outcomes=ONE, arms=arms(A=0.5, B=0.5, C=0))
    assert empty.counts.randomized[2] == 0


def test_few_units_of_an_arm_nobody_planned_are_counted_and_many_are_an_error(people, collected):
    rows = pd.concat([people.assign(user=people["user"] + 10_000 * i) for i in range(4)])
    rows.iloc[:2, rows.columns.get_loc("arm")] = "C"
    assert collected(rows, outcomes=ONE).counts.unplanned == {"C": 2}
    rows.iloc[:3, rows.columns.get_loc("arm")] = "C"
    with pytest.raises(DataError, match=r"3 of 2,400 units are in 'C', which arms.shares does not"):
        collected(rows, outcomes=ONE)


@pytest.mark.parametrize(
    ("control", "other", "values"),
    [("false", "true", [False, True]), ("0", "1", [0, 1]), ("1", "2", [1.0, 2.0])],
)
def test_arms_may_be_numbers_or_truths(people, collected, control, other, values):
    rows = people.assign(arm=np.array(values)[np.arange(len(people)) % 2])
    found = collected(rows, outcomes=ONE, arms=arms(control, **{control: 0.5, other: 0.5}))
    assert found.counts.arms == (control, other)
    assert found.counts.randomized.tolist() == [300, 300]
    assert collected(rows, outcomes=ONE, arms=arms(control)).moments.n.sum() == 600


def test_units_without_an_arm_are_left_out_and_told(people, collected):
    rows = people.copy()
    rows.loc[rows.index[:4], "arm"] = None
    found = collected(rows, outcomes=ONE)
    assert found.moments.n.sum() == len(people) - 4
    assert [(each.reason, each.rows) for each in found.provenance.dropped] == [
        ("without an arm", 4)
    ]


def test_a_block_that_is_missing_is_a_level_of_its_own(people, collected):
    rows = people.copy()
    rows.loc[rows.index[:7], "market"] = None
    found = collected(rows, outcomes=ONE, block="market")
    assert found.moments.strata == (("(missing)",), ("de",), ("fr",))
    assert found.moments.n[:, 0].sum() == 7


def test_blocks_of_two_columns_are_their_combinations(people, collected):
    found = collected(people, outcomes=ONE, block=["market", "power"])
    assert found.moments.strata == (("de", "0"), ("de", "1"), ("fr", "0"), ("fr", "1"))
    assert [split.name for split in found.counts.splits] == ["market", "power"]


HOSTILE = ("select", 'a "quoted" name', "it's; DROP TABLE x --", "s 0", "key 0", "t1", "número 😀")


ROLES = ("user", "arm", "market", "power", "seen", "before", "visits")


@pytest.fixture(scope="module")
def plainly(people, collected):
    return collected(people, **everything(dict(zip(ROLES, ROLES, strict=True))))


def everything(named):
    return {
        "unit": named["user"],
        "arms": arms(A=0.5, B=0.5) | {"column": named["arm"]},
        "block": named["market"],
        "modifiers": [named["power"]],
        "exposed_at": named["seen"],
        "covariates": [named["before"]],
        "outcomes": [{"name": named["visits"], "column": named["visits"]}],
    }


@pytest.mark.parametrize("turn", range(len(ROLES)))
def test_names_of_columns_may_be_anything(people, collected, plainly, turn):
    named = dict(zip(ROLES, HOSTILE[turn:] + HOSTILE[:turn], strict=True))
    rows = people[list(ROLES)].rename(columns=named)
    found = collected(rows, **everything(named))
    assert found.moments.mean.tobytes() == plainly.moments.mean.tobytes()
    assert found.moments.scatter.tobytes() == plainly.moments.scatter.tobytes()
    assert found.readings[0].level.numerator == f"y:{named['visits']}"


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_arms_and_blocks_may_be_anything(people, collected, name):
    rows = people.replace({"arm": {"B": name}, "market": {"de": name}})
    found = collected(rows, outcomes=ONE, block="market", arms=arms(**{"A": 0.5, name: 0.5}))
    assert found.moments.arms == ("A", name)
    assert (name,) in found.moments.strata


def test_the_frame_is_not_changed_and_runs_are_the_same_to_the_bit(people, collected):
    before = people.copy()
    given = {"block": "market", "covariates": ["before"], "modifiers": ["power"]}
    one, other = collected(people, **given), collected(people, **given)
    pd.testing.assert_frame_equal(before, people)
    assert one.moments.scatter.tobytes() == other.moments.scatter.tobytes()
    assert one.sql == other.sql
    assert one.provenance == other.provenance


def test_the_fingerprint_knows_values_and_arms_and_no_order_of_rows(people, collected):
    found = {
        collected(frame).provenance.fingerprint
        for frame in (people, people.sample(frac=1, random_state=3))
    }
    assert len(found) == 1
    swapped = people.copy()
    one = people.index[people["arm"] == "A"][0]
    other = people.index[people["arm"] == "B"][0]
    swapped.loc[[one, other], "revenue"] = people.loc[[other, one], "revenue"].to_numpy()
    assert collected(swapped).provenance.fingerprint not in found
