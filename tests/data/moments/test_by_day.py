"""Days since exposure: every unit on every day, joint sums, the same as added up by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from causal.content.metric import Metric
from causal.data.moments.by_day import Periods, periods_of
from causal.data.moments.collect import collect
from causal.data.moments.collected import Split
from causal.data.moments.rows import moments_of

START = pd.Timestamp("2026-01-01")


@pytest.fixture(scope="module")
def visits(people):
    """Visits of the users from their first day on, by hour; 40 users never come."""
    draw = np.random.default_rng(3)
    rows = people.loc[draw.integers(40, len(people), size=6000), ["user", "seen"]]
    hours = draw.integers(-48, 24 * 30, size=len(rows))
    rows["when"] = pd.to_datetime(rows["seen"]) + pd.to_timedelta(hours, unit="h")
    rows = rows[rows["when"] < START + pd.Timedelta(days=42)]
    rows["spent"] = draw.gamma(2.0, 1.0, len(rows)).round(3)
    rows["clicks"] = draw.poisson(2, len(rows))
    return rows[["user", "when", "spent", "clicks"]].reset_index(drop=True)


def by_hand(people, visits, name, days, until, length=1):
    """Totals of each period since exposure, (users, periods), of users exposed by ``until``."""
    own = people[people["seen"] <= until]
    rows = visits.merge(own[["user", "seen"]], on="user")
    since = (rows["when"] - pd.to_datetime(rows["seen"])) // pd.Timedelta(days=1)
    rows = rows.assign(since=since)[(since >= 0) & (since < days)]
    wide = rows.pivot_table(name, "user", "since", "sum").reindex(own["user"]).fillna(0.0)
    totals = wide.reindex(columns=range(days), fill_value=0.0).to_numpy()
    return own, totals.reshape(len(own), -1, length).sum(axis=2)


def outcome(**more):
    return {"name": "spent", "column": "spent", "table": "visits", "at": "when"} | more


def read(people, visits, asked, tmp_path, **given):
    visits.to_parquet(tmp_path / "visits.parquet")
    request = asked(
        data={"tables": {"visits": str(tmp_path / "visits.parquet")}},
        exposed_at="seen",
        observed_until="2026-02-11",
        **given,
    )
    return collect(request, frame=people)


def close(moments, own):
    np.testing.assert_array_equal(moments.n, own.n)
    np.testing.assert_allclose(moments.mean, own.mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moments.scatter, own.scatter, rtol=1e-9, atol=1e-7)


def test_days_are_those_of_the_units_that_were_seen_on_all_of_them(people, visits, asked, tmp_path):
    every = read(
        people,
        visits,
        asked,
        tmp_path,
        covariates=["before"],
        outcomes=[outcome(days=3)],
    )
    found = every.daily["spent"]
    assert (found.length, found.until, found.divided) == (1, date(2026, 2, 8), 1)
    own, wide = by_hand(people, visits, "spent", 3, "2026-02-08")
    arm = (own["arm"] == "B").to_numpy().astype(int)
    close(
        found.moments,
        moments_of(
            arm,
            np.column_stack([wide, own["before"]]),
            arms=("A", "B"),
            columns=found.moments.columns,
        ),
    )
    assert "spent by day since exposure" in [name for name, _ in every.sql]
    assert "units of visits without an assignment" in [name for name, _ in every.sql]
    assert [each.level.numerator for each in found.readings] == [f"y:{day}" for day in range(3)]


def test_clusters_and_blocks_are_kept(people, visits, asked, tmp_path):
    found = read(
        people,
        visits,
        asked,
        tmp_path,
        cluster="school",
        block=["market"],
        outcomes=[outcome(days=5)],
    ).daily["spent"]
    own, wide = by_hand(people, visits, "spent", 5, "2026-02-06")
    close(
        found.moments,
        moments_of(
            (own["arm"] == "B").to_numpy().astype(int),
            wide,
            arms=("A", "B"),
            columns=found.moments.columns[:-1],
            stratum=(own["market"] == "fr").to_numpy().astype(int),
            strata=(("de",), ("fr",)),
            cluster=own["school"].astype("category").cat.codes.to_numpy(),
        ),
    )
    assert found.readings[0].level.denominator == "size"


def test_days_of_few_units_are_put_together_and_ratios_have_both_parts(
    people, visits, asked, tmp_path
):
    ratio = {"name": "each", "numerator": "spent", "denominator": "clicks", "table": "visits",
             "at": "when"}  # fmt: skip
    found = read(people, visits, asked, tmp_path, outcomes=[outcome(days=28), ratio])
    assert (found.daily["spent"].length, len(found.daily["spent"].readings)) == (7, 3)
    own, wide = by_hand(people, visits, "spent", 21, "2026-01-21", 7)
    assert found.daily["spent"].moments.units.sum() == len(own)
    place = found.daily["spent"].moments.position("y:2")
    at = (own["arm"] == "B").to_numpy()
    mean = wide[at, 2].mean()
    assert found.daily["spent"].moments.mean[1, 0, place] == pytest.approx(mean)
    assert found.daily["each"].divided == 1
    assert found.daily["each"].readings[2].level.denominator == "d:2"


def test_exposures_have_days_too(people, visits, collected):
    rows = visits.merge(people[["user", "arm", "before"]], on="user")
    found = collected(
        rows,
        rows="exposure",
        exposed_at="when",
        time="when",
        covariates=["before"],
        outcomes=[{"name": "spent", "column": "spent"}],
    ).daily["spent"]
    first = rows.groupby("user")["when"].transform("min")
    until = pd.Timestamp(found.until) + pd.Timedelta(days=1)
    rows = rows[first < until].assign(since=(rows["when"] - first) // pd.Timedelta(days=1))
    days = len(found.readings) * found.length
    totals = rows[rows["since"] < days].groupby("since")["spent"].sum()
    periods = totals.groupby(totals.index // found.length).sum()
    units = found.moments.units.sum(axis=1)
    seen = [
        float(units @ found.moments.mean[:, 0, found.moments.position(f"y:{period}")])
        for period in range(len(found.readings))
    ]
    np.testing.assert_allclose(seen, periods.to_numpy())


def test_nothing_by_day_without_a_time_of_the_rows(people, collected):
    assert not collected(people, exposed_at="seen").daily


def test_days_are_cut_so_that_half_of_the_units_are_there() -> None:
    counts = np.array([[400, 500], [600, 500]])
    late = Split(name="day", values=("2026-03-01", "2026-03-20"), counts=counts)
    metric = Metric(name="y", column="y", days=14)
    assert periods_of(metric, late, date(2026, 3, 21)) is None
    assert periods_of(metric, late, date(2026, 3, 23)) == Periods(
        periods=3, length=1, until=date(2026, 3, 20)
    )
    early = Split(name="day", values=("2026-01-01",), counts=counts[:1])
    assert [
        periods_of(metric, replace(early, counts=units), date(2026, 3, 1)).length
        for units in (early.counts, 4 * early.counts)
    ] == [3, 1]
