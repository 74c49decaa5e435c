"""Sums over pairs of a user and a creator: the engine's are those of the rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.base.streams import stream
from causal.content.metric import Metric
from causal.data.pairs.collect import collect_pairs
from causal.data.pairs.collected import CollectedPairs
from causal.data.pairs.query import ArmValues, rows_of, sums
from causal.data.pairs.request import PairRequest, SideRequest
from causal.data.pairs.sums import PairSums, sums_of
from causal.data.request import Request

RATE = Metric(name="rate", numerator="clicks", denominator="shown")
WATCHED = Metric(name="watched", column="watched")
DIALECTS = ("databricks", "bigquery", "snowflake", "trino", "clickhouse", "mssql", "mysql")
PARTS = ("users", "creators", "pairs", "total", "by_user", "by_creator", "by_pair")


def frame(users: int = 40, creators: int = 25) -> pd.DataFrame:
    rng = stream(1, "pairs")
    user, creator = np.divmod(np.arange(users * creators), creators)
    there = rng.random(user.size) < 0.5
    user, creator = user[there], creator[there]
    shown = rng.poisson(4, user.size)
    return pd.DataFrame({
        "user": user, "creator": [f"c{each}" for each in creator],
        "user_arm": np.where(rng.integers(0, 2, users)[user] == 1, "B", "A"),
        "boosted": rng.integers(0, 2, creators)[creator].astype(bool),
        "clicks": rng.binomial(shown, 0.3), "shown": shown,
        "watched": rng.gamma(2.0, 5.0, user.size).round(3),
        "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 14, user.size), "D"),
    })  # fmt: skip


def asked(source: str = "data", **more: Any) -> PairRequest:
    made: dict[str, Any] = {
        "table": Request(source=source),
        "user": SideRequest(key="user", party="user", arm="user_arm", control="A"),
        "creator": SideRequest(key="creator", party="creator", arm="boosted", control="false"),
        "metrics": (RATE, WATCHED),
        "time": "day",
    }
    return PairRequest(**(made | more))


def expected(table: pd.DataFrame) -> PairSums:
    summed = table.groupby(["user", "creator", "user_arm", "boosted"], as_index=False)[
        ["clicks", "shown", "watched"]
    ].sum()
    user, users = pd.factorize(summed["user"])
    creator, creators = pd.factorize(summed["creator"])
    first = summed.drop_duplicates("user").set_index("user")["user_arm"]
    second = summed.drop_duplicates("creator").set_index("creator")["boosted"]
    return sums_of(
        user,
        creator,
        summed[["clicks", "shown", "watched"]].to_numpy(float),
        user_arm=(first[users] == "B").to_numpy(int),
        creator_arm=second[creators].to_numpy(int),
        columns=("clicks", "shown", "watched"),
    )


def check_same(found: CollectedPairs, table: pd.DataFrame) -> None:
    rows = expected(table)
    for part in PARTS:
        np.testing.assert_allclose(getattr(found.sums, part), getattr(rows, part), rtol=1e-9)


def test_the_engine_sums_up_what_numpy_sums_up():
    found = collect_pairs(asked(), frame=frame())
    check_same(found, frame())
    assert (str(found.first), str(found.last)) == ("2026-03-02", "2026-03-15")
    assert found.users.randomized.sum() == 40
    assert found.creators.arms == ("false", "true")


@pytest.mark.parametrize("kind", ["parquet", "csv", "sqlite"])
def test_every_source_gives_the_same_sums(kind: str, tmp_path: Path):
    file = tmp_path / f"pairs.{kind}"
    table = frame()
    request = Request(source=str(file), table="pairs" if kind == "sqlite" else None)
    if kind == "parquet":
        table.to_parquet(file)
    elif kind == "csv":
        table.to_csv(file, index=False)
    else:
        told = table.assign(day=table["day"].astype(str), boosted=table["boosted"].astype(int))
        with sqlite3.connect(file) as connection:
            told.to_sql("pairs", connection, index=False)
    found = collect_pairs(asked(table=request))
    check_same(found, table)
    own = collect_pairs(asked(), frame=table)
    assert (found.first, found.last) == (own.first, own.last)


def test_postgres_gives_the_same_sums(postgres: str):
    import psycopg

    table = frame()
    kinds = {"user": "bigint", "clicks": "bigint", "shown": "bigint", "boosted": "boolean",
             "watched": "double precision"}  # fmt: skip
    columns = ", ".join(f'"{name}" {kinds.get(name, "text")}' for name in table.columns)
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS pairs")
        server.execute(f"CREATE TABLE pairs ({columns})")
        with server.cursor().copy("COPY pairs FROM STDIN") as copy:
            for row in table.assign(day=table["day"].astype(str)).itertuples(index=False):
                copy.write_row(row)
    found = collect_pairs(asked(table=Request(source=postgres, table="pairs")))
    check_same(found, table)
    assert (str(found.first), str(found.last)) == ("2026-03-02", "2026-03-15")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_query_compiles_for_engines_that_are_not_run_here(dialect: str):
    import ibis

    kinds = {"user": "int64", "creator": "string", "user_arm": "string", "boosted": "boolean",
             "clicks": "int64", "shown": "int64", "watched": "float64", "day": "timestamp"}  # fmt: skip
    source = ibis.table(kinds, name="rows")
    numbers = {name: source[name].cast("float64") for name in ("clicks", "shown", "watched")}
    rows = rows_of(source, asked(), numbers, source["day"].epoch_seconds().cast("float64"))
    values = {"user": ArmValues(control="A", treated="B"),
              "creator": ArmValues(control=0, treated=1)}  # fmt: skip
    sql = ibis.to_sql(sums(rows, asked(), values), dialect=dialect)
    assert "UNION ALL" in sql


def test_order_of_rows_does_not_matter():
    table = frame()
    mixed = table.sample(frac=1, random_state=1)
    one, other = (collect_pairs(asked(), frame=each) for each in (table, mixed))
    assert one.provenance.fingerprint == other.provenance.fingerprint


def test_exposures_are_added_up_by_pair():
    table = frame()
    numbers = ["clicks", "shown", "watched"]
    half = table.copy()
    half[numbers] = table[numbers] / 2
    found = collect_pairs(asked(rows="exposure"), frame=pd.concat([half, half]))
    check_same(found, table)
    assert found.rows == 2 * len(table)


def test_a_repeated_pair_is_refused_with_an_example():
    table = frame()
    with pytest.raises(DataError, match=r"1 of \d+ rows repeat a pair .* '0' with 'c\d+'.*rows: e"):
        collect_pairs(asked(), frame=pd.concat([table, table.head(1)]))


def test_units_in_both_arms_are_counted_and_in_no_sum():
    table = frame()
    user = table["user"] == 3
    crossed = table.copy()
    crossed.loc[table.index[user][:2], "user_arm"] = ["A", "B"]
    found = collect_pairs(asked(), frame=crossed)
    check_same(found, table[~user])
    assert (found.users.crossed, found.creators.crossed) == (1, 0)
    assert found.provenance.dropped[0].rows == user.sum()


def test_a_planned_arm_may_be_empty():
    shares = {"A": 0.5, "B": 0.5}
    side = SideRequest(key="user", party="user", arm="user_arm", control="A", shares=shares)
    found = collect_pairs(asked(user=side), frame=frame().assign(user_arm="A"))
    assert found.users.randomized.tolist() == [40, 0]
    assert found.sums.total[1].tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user_arm": "A"}, r"arms.user.column: .* has the arms 'A'"),
        ({"user_arm": ["A", "B", "C"]}, r"arms.user.column: .* 'A', 'B', 'C'"),
        ({"user_arm": ["X", "B"]}, r"arms.user.c.*'B', 'X'"),
        ({"watched": np.nan}, r"'watched' is missing in \d+ rows.*counts as 0"),
        ({"watched": np.inf}, r"'watched' holds infinite numbers"),
        ({"watched": "much"}, r"'watched' holds text, and numbers are needed"),
        ({"day": 7}, r"'day' holds integer, and a date or time is needed"),
        ({"user": None}, r"parties.user: column 'user' is missing"),
    ],
)
def test_what_cannot_be_summed_is_refused(change: dict[str, Any], words: str):
    table = frame()
    for name, values in change.items():
        several = values if isinstance(values, list) else [values]
        by_user = [several[each % len(several)] for each in table["user"]]
        table[name] = by_user
    with pytest.raises(DataError, match=words):
        collect_pairs(asked(), frame=table)


def test_units_in_an_arm_that_the_study_does_not_name_are_refused():
    shares = {"A": 0.5, "B": 0.5}
    side = SideRequest(key="user", party="user", arm="user_arm", control="A", shares=shares)
    table = frame()
    table.loc[table["user"] == 1, "user_arm"] = "C"
    with pytest.raises(DataError, match=r"arms.user.shares: 1 users are in 'C'"):
        collect_pairs(asked(user=side), frame=table)


def test_rows_left_out_are_counted():
    request = Request(where="creator <> 'c1'")
    table = frame()
    found = collect_pairs(asked(table=request), frame=table)
    check_same(found, table[table["creator"] != "c1"])
    assert found.provenance.dropped[0].rows == (table["creator"] == "c1").sum()


def test_no_row_leaves_the_engine(monkeypatch: pytest.MonkeyPatch):
    from causal.data.sources._connection import Connection

    sizes = []
    fetch = Connection.fetch

    def spied(self: Connection, sql: str) -> Any:
        found = fetch(self, sql)
        sizes.append(found.num_rows)
        return found

    monkeypatch.setattr(Connection, "fetch", spied)
    collect_pairs(asked(), frame=frame())
    assert max(sizes) <= 10
