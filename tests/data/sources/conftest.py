"""The same table in every kind of source, and a real PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from causal.data.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

Same = Callable[[Panel, Panel], None]


def load_sqlite(frame: pd.DataFrame, path: Path) -> Path:
    """Write the table, and one of stories, to a SQLite file."""
    with sqlite3.connect(path) as database:
        frame.to_sql("packages", database, index=False)
        frame[["story"]].drop_duplicates().to_sql("stories", database, index=False)
    return path


@pytest.fixture
def sqlite(frame: pd.DataFrame, tmp_path: Path) -> Path:
    """The table in a SQLite file."""
    return load_sqlite(frame, tmp_path / "shop.sqlite")


@pytest.fixture
def same() -> Same:
    """Compare two panels of the same table by everything but the name of the source."""

    def compared(one: Panel, other: Panel) -> None:
        assert one.provenance.fingerprint == other.provenance.fingerprint
        assert one.provenance.dropped == other.provenance.dropped
        assert one.columns.keys() == other.columns.keys()
        for name, column in one.columns.items():
            assert column.levels == other.columns[name].levels
            np.testing.assert_array_equal(column.values, other.columns[name].values)
        for name in ("value", "weight", "numerator", "denominator"):
            for outcome in one.outcomes:
                np.testing.assert_array_equal(
                    getattr(one.outcomes[outcome], name), getattr(other.outcomes[outcome], name)
                )
        for name in ("folds", "block", "time", "counts", "unit"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_array_equal(one.clusters[0], other.clusters[0])

    return compared


@pytest.fixture
def study() -> dict[str, object]:
    """Roles that touch every type, with SQL that every engine understands."""
    return {
        "cluster": "story",
        "block": ["story", "tone"],
        "time": "day",
        "attributes": ["tone", "question", "words"],
        "confounders": ["length", "per_word"],
        "data": {
            "derive": {
                "question": "headline LIKE '%?%'",
                "per_word": "clicks / words",
                "shout": "headline LIKE 'WHY%'",
            },
            "where": "impressions > 100 AND tone IN ('sad', 'happy', 'neutral') AND NOT shout",
        },
    }


def _postgres_tools() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    tools = [*found, *([Path(on_path)] if on_path else [])]
    if not tools:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    return tools[-1].parent


def _as_owner(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root: hand the folder to its own user."""
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    os.chown(home, owner.pw_uid, owner.pw_gid)
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server that listens on a socket in a folder of its own."""
    tools = _postgres_tools()
    with tempfile.TemporaryDirectory(prefix="causal-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        owner = _as_owner(home)
        store = home / "store"

        def call(*command: str) -> None:
            subprocess.run([*owner, *command], check=True, cwd=home, timeout=60,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

        call(f"{tools}/initdb", "-D", str(store), "-A", "trust", "-U", "postgres", "-E", "UTF8",
             "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        options = f"-c listen_addresses='' -c fsync=off -k {home}"
        control = f"{tools}/pg_ctl"
        call(control, "-D", str(store), "-o", options, "-w", "-l", str(home / "log"), "start")
        try:
            yield f"postgresql:///postgres?host={home}&user=postgres"
        finally:
            call(control, "-D", str(store), "-m", "immediate", "stop")
