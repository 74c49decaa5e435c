"""The same experiment in every kind of source gives the same moments and counts."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest

from causal.data.moments.collect import collect

PLAN = {
    "block": "market",
    "modifiers": ["power"],
    "exposed_at": "seen",
    "covariates": ["before"],
    "outcomes": [
        {"name": "revenue", "column": "revenue", "cap": {"column": "before", "quantile": 0.9}},
        {"name": "visits", "column": "visits"},
        {"name": "orders", "table": "orders", "column": "amount", "at": "day", "days": 7,
         "role": "secondary"},
        {"name": "paid", "table": "orders", "column": "amount", "at": "day", "days": 6},
        {"name": "ctr", "numerator": "clicks", "denominator": "impressions",
         "role": "guardrail", "margin": 0.05},
        {"name": "retained", "column": "active", "type": "retention", "days": 10,
         "role": "long-term"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def frames(people):
    """The people, some without revenue, and their orders by day."""
    draw = np.random.default_rng(5)
    people = people.copy()
    people.loc[people.index[::17], "revenue"] = np.nan
    rows = 2000
    orders = pd.DataFrame(
        {
            "user": draw.choice(np.append(people["user"], [1, 2]), size=rows),
            "amount": draw.normal(5, 2, size=rows).round(2),
            "day": [
                f"2026-01-{day:02d}T{day % 24:02d}:30:00" for day in draw.integers(1, 31, rows)
            ],
        }
    )
    return people, orders


@pytest.fixture(scope="module")
def files(frames, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    for name, frame in zip(("people", "orders"), frames, strict=True):
        frame.to_parquet(folder / f"{name}.parquet")
        frame.to_csv(folder / f"{name}.csv", index=False)
        with sqlite3.connect(folder / "shop.sqlite") as database:
            frame.to_sql(name, database, index=False)
    return folder


@pytest.fixture(scope="module")
def whole(files, asked):
    tables = {"orders": str(files / "orders.parquet")}
    return collect(asked(files / "people.parquet", data={"tables": tables}, **PLAN))


def same(one, other):
    assert one.readings == other.readings
    assert one.daily.keys() == other.daily.keys()
    assert one.caps == other.caps
    assert one.types == other.types
    assert one.provenance.fingerprint == other.provenance.fingerprint
    assert (one.first, one.last, one.filled) == (other.first, other.last, other.filled)
    for name in one.missing:
        np.testing.assert_array_equal(one.missing[name], other.missing[name])
        np.testing.assert_array_equal(one.immature.get(name), other.immature.get(name))
    for mine, theirs in (
        (one.moments, other.moments),
        (one.segments["power"], other.segments["power"]),
        *([(one.cohorts, other.cohorts)] if one.cohorts is not None else []),
        *((one.daily[name].moments, other.daily[name].moments) for name in one.daily),
    ):
        assert (mine.strata, mine.columns) == (theirs.strata, theirs.columns)
        np.testing.assert_array_equal(mine.n, theirs.n)
        np.testing.assert_allclose(mine.mean, theirs.mean, rtol=1e-9)
        np.testing.assert_allclose(mine.scatter, theirs.scatter, rtol=1e-9, atol=1e-7)
    np.testing.assert_array_equal(one.counts.days.counts, other.counts.days.counts)
    assert [each.name for each in one.counts.splits] == [each.name for each in other.counts.splits]


def test_csv_files_are_parquet_files(whole, files, asked):
    assert whole.daily["paid"].moments.units.sum() > 300
    tables = {"orders": str(files / "orders.csv")}
    same(whole, collect(asked(files / "people.csv", data={"tables": tables}, **PLAN)))


def test_a_frame_is_a_file(whole, frames, files, asked):
    data = {"tables": {"orders": str(files / "orders.parquet")}}
    same(whole, collect(asked(data=data, **PLAN), frame=frames[0]))


def test_sqlite_is_duckdb(whole, files, asked):
    data = {"table": "people", "tables": {"orders": "orders"}}
    found = collect(asked(files / "shop.sqlite", data=data, **PLAN))
    assert found.provenance.engine == "sqlite"
    same(whole, found)


@pytest.fixture(scope="module")
def server(frames, rows, postgres):
    import psycopg

    types = {"O": "text", "i": "bigint", "f": "double precision"}
    with psycopg.connect(postgres, autocommit=True) as server:
        for name, frame in zip(("people", "orders", "rows"), (*frames, rows), strict=True):
            columns = ", ".join(
                f'"{each}" {types.get(frame[each].dtype.kind, "text")}' for each in frame.columns
            )
            server.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join(["%s"] * frame.shape[1])
            cells = frame.astype(object).where(frame.notna(), None).values.tolist()
            with server.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", cells)
    return postgres


def test_postgres_is_duckdb(whole, server, asked):
    data = {"table": "people", "tables": {"orders": "orders"}}
    found = collect(asked(server, data=data, **PLAN))
    assert found.provenance.engine == "postgres"
    same(whole, found)


ROWS = {
    "rows": "exposure",
    "cluster": "school",
    "block": "market",
    "exposed_at": "when",
    "time": "when",
    "covariates": ["before"],
    "outcomes": [
        {"name": "spent", "column": "spent", "days": 5},
        {"name": "most", "column": "spent", "aggregate": "max"},
        {"name": "rate", "numerator": "visits", "denominator": "clicks", "role": "secondary"},
        {"name": "orders", "table": "orders", "column": "amount", "at": "day",
         "role": "secondary"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(frames, files):
    draw = np.random.default_rng(6)
    rows = frames[0].loc[draw.integers(600, size=1500)].reset_index(drop=True)
    rows["when"] = [f"2026-01-{day:02d} {day % 24:02d}:15:00" for day in draw.integers(1, 29, 1500)]
    rows["spent"] = draw.normal(2, 1, size=1500).round(3)
    rows.to_parquet(files / "rows.parquet")
    with sqlite3.connect(files / "shop.sqlite") as database:
        rows.to_sql("rows", database, index=False)
    return rows


def test_exposures_of_clusters_are_the_same_in_parts_and_in_sqlite(rows, files, asked, monkeypatch):
    data = {"tables": {"orders": str(files / "orders.parquet")}}
    found = collect(asked(files / "rows.parquet", data=data, **ROWS))
    assert found.moments.columns[-1] == "size"
    stored = {"table": "rows", "tables": {"orders": "orders"}}
    given = {**ROWS, "modifiers": ["power"]}
    one = collect(asked(files / "rows.parquet", data=data, **given))
    same(one, collect(asked(files / "shop.sqlite", data=stored, **given)))
    monkeypatch.setattr("causal.data.moments.parts.PART", 400)
    monkeypatch.setattr("causal.data.moments.parts.HELD", 9)
    same(one, collect(asked(files / "rows.parquet", data=data, **given), workers=2))


def test_exposures_of_clusters_are_the_same_in_postgres(rows, files, server, asked):
    data = {"tables": {"orders": str(files / "orders.parquet")}}
    one = collect(asked(files / "rows.parquet", data=data, **ROWS, modifiers=["power"]))
    stored = {"table": "rows", "tables": {"orders": "orders"}}
    same(one, collect(asked(server, data=stored, **ROWS, modifiers=["power"])))


def test_times_are_in_utc_however_they_are_written(people, files, asked, tmp_path):
    plain = pd.to_datetime(people["seen"]) + pd.Timedelta(hours=23, minutes=30)
    given = {"exposed_at": "seen", "outcomes": [PLAN["outcomes"][-1] | {"role": "success"}]}
    written = {
        "naive": plain,
        "zoned": plain.dt.tz_localize("UTC"),
        "elsewhere": plain.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        "date": plain.dt.date,
        "text": plain.dt.strftime("%Y-%m-%dT%H:%M:%S"),
    }
    found = {}
    for name, column in written.items():
        people.assign(seen=column).to_parquet(tmp_path / f"{name}.parquet")
        found[name] = collect(asked(tmp_path / f"{name}.parquet", **given))
    for each in found.values():
        assert (each.first, each.last) == (found["text"].first, found["text"].last)
        np.testing.assert_array_equal(each.counts.days.counts, found["text"].counts.days.counts)
        assert each.immature["retained"].tolist() == found["text"].immature["retained"].tolist()


@pytest.mark.parametrize("workers", [1, 3])
def test_parts_give_what_the_whole_gives_to_the_bit_for_any_workers(
    whole, files, asked, workers, monkeypatch
):
    monkeypatch.setattr("causal.data.moments.parts.PART", 130)
    monkeypatch.setattr("causal.data.moments.parts.HELD", 130)
    tables = {"orders": str(files / "orders.parquet")}
    request = asked(files / "people.parquet", data={"tables": tables}, **PLAN)
    found = collect(request, workers=workers)
    same(whole, found)
    again = collect(request, workers=2)
    assert again.moments.scatter.tobytes() == found.moments.scatter.tobytes()
    assert again.moments.mean.tobytes() == found.moments.mean.tobytes()


@pytest.mark.parametrize(
    ("derive", "cut"),
    [({}, True), ({"more": "visits + 1"}, True), ({"more": "sum(visits) over ()"}, False)],
)
def test_large_files_are_read_by_ranges_of_rows_where_rows_stand_alone(
    frames, asked, tmp_path, monkeypatch, derive, cut
):
    monkeypatch.setattr("causal.data.moments.parts.RANGE", 100)
    first, second = frames[0].iloc[:350], frames[0].iloc[350:]
    first.to_parquet(tmp_path / "one.parquet", row_group_size=60)
    second.to_parquet(tmp_path / "two.parquet", row_group_size=70)
    plan = {**PLAN, "outcomes": PLAN["outcomes"][:2]}
    plan["outcomes"] = [*plan["outcomes"], {"name": "more", "column": "more", "role": "secondary"}]
    data = {"derive": derive or {"more": "visits"}, "where": "visits > 0"}
    request = asked(tmp_path / "*.parquet", data=data, **plan)
    from causal.data.moments import collect as module

    parts = []
    heads = module.heads
    monkeypatch.setattr(
        module, "heads", lambda *args, **given: parts.append(heads(*args, **given)) or parts[-1]
    )
    found = collect(request, workers=2)
    assert len(parts[0][0]) == (5 if cut else 1)
    assert not any(str(tmp_path) in sql for _, sql in found.sql)
    monkeypatch.setattr("causal.data.moments.parts.RANGE", 10_000)
    same(collect(request), found)


def test_no_row_reaches_python(files, asked, monkeypatch):
    from causal.data.sources._connection import Connection

    seen = []
    fetch = Connection.fetch

    def counted(self, sql):
        table = fetch(self, sql)
        seen.append(table.num_rows)
        return table

    monkeypatch.setattr(Connection, "fetch", counted)
    collect(asked(files / "people.parquet", block="market", covariates=["before"]))
    assert max(seen) <= 2 * 2
