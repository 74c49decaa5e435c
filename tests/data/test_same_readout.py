"""One experiment, every type of metric, every kind of source: the same readout to rounding."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

import causal
from tests._readouts import OUTCOMES, same, study, users, visits

PEOPLE = users()
VISITS = visits(PEOPLE)
FRAMES = {"users": PEOPLE, "visits": VISITS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables in every kind of file."""
    import duckdb

    made = tmp_path_factory.mktemp("readouts")
    with (
        duckdb.connect(str(made / "shop.duckdb")) as con,
        sqlite3.connect(made / "shop.sqlite") as db,
    ):
        for name, frame in FRAMES.items():
            frame.to_parquet(made / f"{name}.parquet")
            frame.to_csv(made / f"{name}.csv", index=False)
            frame.to_sql(name, db, index=False)
            con.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{made}/{name}.parquet')"
            )
    return made


@pytest.fixture(scope="module")
def parquet(folder: Path) -> Any:
    """The readout that others are held against."""
    tables = {"visits": str(folder / "visits.parquet")}
    found = causal.run(study(str(folder / "users.parquet"), tables))
    assert not found.failed
    assert [each["outcome"] for each in found.content["comparisons"][::2]] == [
        each["name"] for each in OUTCOMES
    ]
    return found


def test_a_frame_reads_as_its_file(parquet: Any, folder: Path) -> None:
    tables = {"visits": str(folder / "visits.parquet")}
    same(parquet, causal.run(study("users.parquet", tables), table=PEOPLE))


def test_csv_reads_as_parquet(parquet: Any, folder: Path) -> None:
    same(
        parquet,
        causal.run(study(str(folder / "users.csv"), {"visits": str(folder / "visits.csv")})),
    )


@pytest.mark.parametrize("store", ["shop.duckdb", "shop.sqlite"])
def test_a_database_reads_as_a_file(parquet: Any, folder: Path, store: str) -> None:
    data = {"table": "users"}
    same(parquet, causal.run(study(str(folder / store), {"visits": "visits"}, data=data)))


def test_a_server_reads_as_a_file(parquet: Any, postgres: str) -> None:
    import psycopg

    types = {"i": "bigint", "f": "double precision"}
    with psycopg.connect(postgres, autocommit=True) as server:
        for name, frame in FRAMES.items():
            columns = ", ".join(
                f'"{each}" {types.get(frame[each].dtype.kind, "text")}' for each in frame.columns
            )
            server.execute(f"CREATE TABLE {name} ({columns})")
            cells = frame.astype(object).values.tolist()  # NaN stays NaN, and is missing too
            with server.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in cells:
                    copy.write_row(row)
    found = causal.run(study(postgres, {"visits": "visits"}, data={"table": "users"}))
    same(parquet, found)
