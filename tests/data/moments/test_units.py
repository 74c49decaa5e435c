"""What one unit counts for: exposures, windows, further tables, caps, what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import EngineError
from causal.content.metric import Type
from causal.data.moments.collect import collect
from causal.data.moments.collected import Part
from causal.data.moments.rows import moments_of


def matches(moments, frame, columns):
    """Means and known scatter of each arm are those of the unit rows."""
    arm = frame["arm"].map({name: i for i, name in enumerate(moments.arms)}).to_numpy()
    x = np.column_stack([np.asarray(each, dtype=float) for each in columns.values()])
    own = moments_of(arm, x, arms=moments.arms, columns=tuple(columns))
    places = [moments.position(name) for name in columns]
    np.testing.assert_array_equal(moments.n, own.n)
    np.testing.assert_allclose(moments.mean[..., places], own.mean, rtol=1e-9, atol=1e-12)
    found = moments.scatter[..., places, :][..., places]
    np.testing.assert_allclose(
        np.where(np.isnan(found), own.scatter, found), own.scatter, rtol=1e-9, atol=1e-7
    )


@pytest.fixture(scope="module")
def exposures(people):
    """Several rows of each user, by hour; arm, market and what was before do not change."""
    draw = np.random.default_rng(8)
    rows = people.loc[draw.integers(len(people), size=3000)].reset_index(drop=True)
    hours = draw.integers(0, 24 * 25, size=len(rows))
    rows["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(hours, unit="h")
    rows["shown"] = draw.integers(1, 9, size=len(rows))
    rows["spent"] = draw.normal(2, 1, size=len(rows)).round(3)
    return rows[["user", "arm", "market", "before", "when", "shown", "spent"]]


def per_unit(rows, **named):
    return rows.groupby("user", sort=True).agg(arm=("arm", "first"), **named).reset_index()


def test_exposures_are_summed_by_unit(exposures, collected):
    found = collected(
        exposures,
        rows="exposure",
        covariates=["before"],
        outcomes=[
            {"name": "spent", "column": "spent"},
            {"name": "most", "column": "shown", "aggregate": "max"},
            {"name": "usual", "column": "spent", "aggregate": "mean"},
            {"name": "times", "column": "shown", "aggregate": "count"},
        ],
    )
    units = per_unit(
        exposures,
        spent=("spent", "sum"),
        most=("shown", "max"),
        usual=("spent", "mean"),
        times=("shown", "count"),
        before=("before", "first"),
    )
    columns = {f"y:{name}": units[name] for name in ("spent", "most", "usual", "times")}
    matches(found.moments, units, {**columns, "x:before": units["before"]})
    assert found.provenance.rows == len(exposures)
    assert found.types["times"] is Type.COUNT


def test_only_the_days_after_first_exposure_count_and_only_when_they_are_over(exposures, collected):
    found = collected(
        exposures,
        rows="exposure",
        exposed_at="when",
        time="when",
        outcomes=[{"name": "spent", "column": "spent", "days": 7}],
    )
    first = exposures.groupby("user")["when"].transform("min")
    within = exposures["when"] < first + pd.Timedelta(days=7)
    rows = exposures.assign(spent=exposures["spent"].where(within), first=first)
    units = per_unit(rows, spent=("spent", "sum"), first=("first", "first"))
    last = exposures["when"].max().floor("D")
    over = units["first"].dt.floor("D") + pd.Timedelta(days=7) <= last
    columns = {"y:spent": units["spent"].where(over, 0.0), "m:spent": over}
    matches(found.moments, units, columns)
    assert found.readings[0].level == Part(numerator="y:spent", denominator="m:spent")
    late = [int((~over & (units["arm"] == arm)).sum()) for arm in ("A", "B")]
    assert found.immature["spent"].tolist() == late
    assert found.missing["spent"].tolist() == [0, 0]
    assert str(found.first) == str(first.min().date())


def test_a_unit_seen_in_two_arms_is_counted_and_in_nothing_else(exposures, collected):
    rows = exposures.copy()
    user = rows["user"].iloc[0]
    twice = rows[rows["user"] == user].assign(
        arm=lambda each: each["arm"].map({"A": "B", "B": "A"})
    )
    outcomes = [{"name": "spent", "column": "spent"}]
    found = collected(pd.concat([rows, twice]), rows="exposure", outcomes=outcomes)
    units = per_unit(rows[rows["user"] != user], spent=("spent", "sum"))
    matches(found.moments, units, {"y:spent": units["spent"]})
    assert found.counts.crossed == 1
    assert found.provenance.dropped[0].reason == "seen in more than one arm"


def test_a_cluster_in_two_arms_is_dropped_whole(people, collected):
    rows = people.copy()
    rows.loc[rows.index[rows["school"] == "s03"][0], "arm"] = "A"
    found = collected(rows, cluster="school", exposed_at="seen")
    assert found.counts.crossed == 1
    assert found.moments.n.ravel().tolist() == [20, 19]
    assert found.moments.units.sum() == (rows["school"] != "s03").sum()
    assert found.counts.days.counts.sum() == 39


@pytest.fixture(scope="module")
def orders(people):
    draw = np.random.default_rng(9)
    rows = 900
    return pd.DataFrame(
        {
            "user": draw.choice(np.append(people["user"], 1), size=rows),
            "amount": draw.normal(9, 3, size=rows),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(40, size=rows), "D"),
        }
    )


def test_further_tables_are_joined_at_the_unit_within_their_days(people, orders, asked, tmp_path):
    orders.to_parquet(tmp_path / "orders.parquet")
    request = asked(
        data={"tables": {"orders": str(tmp_path / "orders.parquet")}},
        exposed_at="seen",
        observed_until="2026-02-20",
        outcomes=[
            {"name": "sum", "table": "orders", "column": "amount", "at": "day", "days": 5},
            {"name": "ever", "table": "orders", "column": "amount", "aggregate": "count"},
            {"name": "usual", "table": "orders", "column": "amount", "aggregate": "mean"},
        ],
    )
    found = collect(request, frame=people)
    joined = orders.merge(people[["user", "seen"]], on="user")
    start = pd.to_datetime(joined["seen"])
    near = joined[(joined["day"] >= start) & (joined["day"] < start + pd.Timedelta(days=5))]
    total = people["user"].map(near.groupby("user")["amount"].sum()).fillna(0)
    counted = people["user"].map(orders.groupby("user").size()).fillna(0)
    usual = people["user"].map(orders.groupby("user")["amount"].mean())
    columns = {
        "y:sum": total,
        "m:sum": np.ones(len(people)),
        "y:ever": counted,
        "y:usual": usual.fillna(0),
        "m:usual": usual.notna(),
    }
    matches(found.moments, people, columns)
    assert found.missing["usual"].sum() == usual.isna().sum()
    assert found.immature["sum"].tolist() == [0, 0]
    strange = int(not orders["user"].isin(people["user"]).all())
    told = [each.rows for each in found.provenance.dropped]
    assert told == [strange] == [1]


def test_retention_leaves_out_who_came_too_late(people, collected):
    found = collected(
        people,
        exposed_at="seen",
        outcomes=[{"name": "back", "column": "active", "type": "retention", "days": 10}],
    )
    seen = pd.to_datetime(people["seen"])
    over = seen + pd.Timedelta(days=10) <= seen.max()
    columns = {"y:back": people["active"].where(over, 0), "m:back": over}
    matches(found.moments, people, columns)
    assert found.immature["back"].sum() == (~over).sum()


@pytest.mark.parametrize("late", [0, 150_000])
def test_missing_values_are_set_against_how_many_are_known(people, collected, late, monkeypatch):
    monkeypatch.setattr("causal.data.moments.glance.LOOK", 100 if late else 100_000)
    rows = people.copy()
    gone = rows.index[300::7]
    rows.loc[gone, "revenue"] = np.nan
    rows.loc[gone, "clicks"] = np.nan
    found = collected(rows)
    known = rows["revenue"].notna()
    columns = {
        "y:revenue": rows["revenue"].fillna(0),
        "m:revenue": known,
        "y:visits": rows["visits"],
        "y:ctr": rows["clicks"].fillna(0),
        "d:ctr": rows["impressions"].where(known, 0),
    }
    matches(found.moments, rows, columns)
    assert found.readings[0].level == Part(numerator="y:revenue", denominator="m:revenue")
    assert found.missing["ctr"].sum() == found.missing["revenue"].sum() == len(gone)


def test_a_covariate_that_is_not_known_is_zero_and_counted(people, collected):
    rows = people.copy()
    rows.loc[rows.index[:5], "before"] = None
    found = collected(rows, covariates=["before"])
    matches(found.moments, rows, {"x:before": rows["before"].fillna(0)})
    assert found.filled == {"before": 5}


def test_a_cap_is_a_quantile_of_what_was_before_over_all_arms(people, collected):
    outcome = {"name": "y", "column": "revenue", "cap": {"column": "before", "quantile": 0.8}}
    found = collected(people, outcomes=[outcome])
    cap = float(np.quantile(people["before"], 0.8, method="inverted_cdf"))
    assert found.caps == {"y": cap}
    matches(found.moments, people, {"y:y": people["revenue"].clip(upper=cap)})
    doubled = people.assign(revenue=people["revenue"] * 2)
    assert collected(doubled, outcomes=[outcome]).caps == found.caps
    number = collected(people, outcomes=[{**outcome, "cap": 3}])
    matches(number.moments, people, {"y:y": people["revenue"].clip(upper=3)})


@pytest.mark.parametrize("shift", [0.0, 1e6, 1e9])
@pytest.mark.parametrize("look", [10, 100_000])
def test_a_constant_far_from_zero_costs_no_digits(people, collected, shift, look, monkeypatch):
    monkeypatch.setattr("causal.data.moments.glance.LOOK", look)
    rows = people.assign(revenue=(people["revenue"] * 1024).round() / 1024 + shift)
    found = collected(rows, outcomes=[{"name": "y", "column": "revenue"}])
    own = (rows["revenue"] - shift).groupby(rows["arm"]).var(ddof=0) * rows.groupby("arm").size()
    np.testing.assert_allclose(found.moments.scatter[:, 0, 0, 0], own, rtol=1e-9)


def test_clusters_of_one_size_far_from_zero_keep_their_digits(people, collected):
    rows = people.iloc[:400].assign(
        school=np.arange(400) // 10, arm=np.where(np.arange(400) // 10 % 2, "B", "A")
    )
    rows["revenue"] = 1e8 + (rows["revenue"] * 1024).round() / 1024
    found = collected(rows, cluster="school", outcomes=[{"name": "y", "column": "revenue"}])
    totals = (rows["revenue"] - 1e8).groupby(rows["school"]).sum()
    own = totals.groupby(np.arange(40) % 2).var(ddof=0) * 20
    np.testing.assert_allclose(found.moments.scatter[:, 0, 0, 0], own, rtol=1e-7)


def test_sums_of_whole_numbers_are_exact_beyond_doubles(collected):
    large = 2**53 + 1
    rows = pd.DataFrame({"user": range(4), "arm": ["A", "A", "B", "B"], "y": [large, 1, 2, 3]})
    found = collected(rows, outcomes=[{"name": "y", "column": "y"}])
    assert found.moments.mean[0, 0, 0] == (large + 1) / 2


def test_a_constant_column_has_no_scatter(people, collected):
    rows = people.assign(y=0.1, z=True)
    outcomes = [{"name": "y", "column": "y"}, {"name": "z", "column": "z"}]
    found = collected(rows, outcomes=outcomes)
    assert (found.moments.scatter[:, :, 0, 0] == 0).all()
    assert found.types == {"y": Type.MEAN, "z": Type.PROPORTION}


def test_what_is_constant_within_blocks_has_no_scatter_there(people, collected):
    rows = people.assign(y=people["market"].map({"de": 0.1, "fr": 1e6 / 3}))
    found = collected(rows, block="market", outcomes=[{"name": "y", "column": "y"}])
    assert (found.moments.scatter == 0).all()


@pytest.mark.parametrize(("apart", "kept"), [(1e4, True), (1e6, False), (1e8, False), (1e9, False)])
def test_scatter_between_far_blocks_is_right_or_refused(people, collected, apart, kept):
    rows = people.assign(y=people["market"].map({"de": 0.0, "fr": apart}) + people["revenue"])
    given = {"block": "market", "outcomes": [{"name": "y", "column": "y"}]}
    if not kept:
        with pytest.raises(EngineError, match=r"scatter of 'y:y'.*lost in rounding"):
            collected(rows, **given)
        return
    found = collected(rows, **given).moments.scatter[..., 0, 0]
    own = rows["revenue"].groupby([rows["arm"], rows["market"]])
    expected = (own.var(ddof=0) * own.size()).unstack().to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_types_are_read_off_the_values(people, collected):
    rows = people.assign(minus=people["visits"] - 9)
    names = ("revenue", "visits", "active", "minus")
    found = collected(rows, outcomes=[{"name": each, "column": each} for each in names])
    expected = (Type.MEAN, Type.COUNT, Type.PROPORTION, Type.MEAN)
    assert tuple(found.types.values()) == expected


def test_clusters_do_not_hide_that_a_metric_is_a_proportion(people, collected):
    outcomes = [{"name": each, "column": each} for each in ("active", "visits")]
    found = collected(people, cluster="school", outcomes=outcomes)
    assert found.types == {"active": Type.PROPORTION, "visits": Type.COUNT}


def test_days_of_exposure_are_cohorts_that_add_up(people, collected):
    from causal.data.moments.moments import marginal

    found = collected(people, exposed_at="seen", covariates=["before"])
    assert found.cohorts.strata == tuple((day,) for day in found.counts.days.values)
    whole = marginal(found.cohorts, [])
    np.testing.assert_allclose(whole.mean, found.moments.mean, rtol=1e-12)
    np.testing.assert_allclose(whole.scatter, found.moments.scatter, rtol=1e-9)
    assert collected(people).cohorts is None


def test_products_are_read_only_where_they_are_used(people, collected):
    found = collected(people).moments
    place = {name: found.position(name) for name in found.columns}
    assert not np.isnan(found.scatter[..., place["y:revenue"], place["y:visits"]]).any()
    assert np.isnan(found.scatter[..., place["y:revenue"], place["y:ctr"]]).all()
    assert not np.isnan(found.scatter[..., place["y:ctr"], place["d:ctr"]]).any()


def test_columns_that_two_metrics_share_are_read_once(people, collected):
    ratio = {"numerator": "revenue", "denominator": "visits"}
    found = collected(
        people,
        outcomes=[
            {"name": "visits", "column": "visits"},
            {"name": "again", "column": "visits", "role": "secondary"},
            {"name": "per visit", **ratio},
        ],
    )
    assert found.moments.columns == ("y:visits", "y:per visit", "d:per visit")
    assert [each.level.numerator for each in found.readings[:2]] == ["y:visits", "y:visits"]


def test_a_capped_metric_that_decides_is_summed_without_its_cap_too(people, collected):
    found = collected(
        people,
        covariates=["before"],
        outcomes=[
            {"name": "revenue", "column": "revenue", "cap": 5.0},
            {"name": "visits", "column": "visits"},
            {"name": "shown", "column": "clicks", "cap": 2.0, "role": "secondary"},
        ],
    )
    columns = {
        "y:revenue": people["revenue"].clip(upper=5.0),
        "u:revenue": people["revenue"],
        "y:visits": people["visits"],
        "x:before": people["before"],
    }
    matches(found.moments, people, columns)
    places = [found.moments.position(name) for name in columns]
    assert np.isfinite(found.moments.scatter[..., places, :][..., places]).all()
    first, second, third = found.readings
    assert first.uncapped == Part(numerator="u:revenue")
    assert second.uncapped is None
    assert third.uncapped is None
    assert "u:shown" not in found.moments.columns
