"""Columns of every type that an engine has are read as what they mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.moments.collect import collect

TYPES = {
    "tiny": "TINYINT",
    "unsigned": "UBIGINT",
    "huge": "HUGEINT",
    "single": "FLOAT",
    "money": "DECIMAL(12, 3)",
    "wide": "DECIMAL(38, 0)",
    "truth": "BOOLEAN",
}


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_numbers_of_every_type_give_the_sums_of_doubles(people, collected, type_):
    given = {"block": "market", "data": {"derive": {"y": f"CAST(active AS {type_})"}}}
    outcomes = [{"name": "y", "column": "y"}, {"name": "v", "column": "visits"}]
    found = collected(people, outcomes=outcomes, **given).moments
    plain = {"block": "market", "data": {"derive": {"y": "CAST(active AS DOUBLE)"}}}
    expected = collected(people, outcomes=outcomes, **plain).moments
    np.testing.assert_array_equal(found.mean, expected.mean)
    np.testing.assert_allclose(found.scatter, expected.scatter, rtol=1e-12)


def test_small_decimals_and_singles_do_not_overflow(people, collected):
    rows = people.assign(y=(people["visits"] % 100).astype("int8") + np.int8(27))
    found = collected(rows, outcomes=[{"name": "y", "column": "y"}]).moments
    own = rows["y"].astype(float).groupby(rows["arm"])
    expected = own.var(ddof=0) * own.size()
    np.testing.assert_allclose(found.scatter[:, 0, 0, 0], expected, rtol=1e-12)
    large = rows.assign(y=rows["revenue"].astype("float32") * np.float32(1e30))
    found = collected(large, outcomes=[{"name": "y", "column": "y"}]).moments
    assert np.isfinite(found.scatter).all()


@pytest.mark.parametrize(
    "as_type",
    [
        lambda each: each.astype("category"),
        lambda each: each.map({"de": True, "fr": False}),
        lambda each: each.map({"de": 1.5, "fr": np.nan}),
        lambda each: each.map({"de": pd.Timestamp("2026-01-01"), "fr": pd.Timestamp("2026-01-02")}),
    ],
    ids=["category", "truth", "number", "date"],
)
def test_blocks_and_segments_may_be_of_any_type(people, collected, as_type):
    rows = people.assign(market=as_type(people["market"]))
    found = collected(rows, block="market", modifiers=["market"], exposed_at="seen")
    plain = collected(people, block="market", modifiers=["market"], exposed_at="seen")
    assert sorted(found.moments.n.sum(axis=0)) == sorted(plain.moments.n.sum(axis=0))
    assert len(found.segments["market"].strata) == 2


def test_units_and_clusters_may_be_text_or_categories(people, collected):
    rows = people.assign(
        user=people["user"].map("u{}".format), school=people["school"].astype("category")
    )
    found = collected(rows, cluster="school", covariates=["before"])
    plain = collected(people, cluster="school", covariates=["before"])
    np.testing.assert_allclose(found.moments.mean, plain.moments.mean, rtol=1e-12)


@pytest.mark.parametrize("name", ["select", 'a "quoted" name', "t1", "last"])
def test_further_tables_may_have_any_name(people, asked, tmp_path, name):
    people[["user", "visits"]].to_parquet(tmp_path / "more.parquet")
    request = asked(
        data={"tables": {name: str(tmp_path / "more.parquet")}},
        exposed_at="seen",
        outcomes=[{"name": "y", "table": name, "column": "visits"}],
    )
    found = collect(request, frame=people)
    own = people.groupby("arm")["visits"].mean()
    np.testing.assert_allclose(found.moments.mean[:, 0, 0], own)


@pytest.mark.parametrize("name", ["causal units", "causal rows", "last_step"])
def test_but_not_that_of_a_step_of_the_query(people, asked, name):
    with pytest.raises(DataError, match="this name is taken by a step of the query"):
        collect(asked(data={"tables": {name: "more.parquet"}}, exposed_at="seen"), frame=people)


def test_a_query_may_join_and_a_column_may_serve_twice(people, asked, tmp_path):
    people[["user", "visits"]].rename(columns={"visits": "more"}).to_parquet(tmp_path / "m.parquet")
    request = asked(
        data={
            "tables": {"m": str(tmp_path / "m.parquet")},
            "query": "SELECT d.*, m.more FROM data d JOIN m USING (user)",
            "derive": {"twice": "2 * more"},
            "where": "twice > 2",
        },
        covariates=["power"],
        modifiers=["power"],
        block="market",
        outcomes=[{"name": "y", "column": "twice"}],
    )
    found = collect(request, frame=people)
    kept = people[people["visits"] > 1]
    own = (2 * kept["visits"]).groupby([kept["market"], kept["arm"]]).mean().unstack().to_numpy()
    np.testing.assert_allclose(found.moments.mean[:, :, 0], own.T)
    assert found.provenance.dropped[0].rows == len(people) - len(kept)
