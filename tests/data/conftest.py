"""A small table with everything in it, a way to ask for it, and a real PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.streams import stream
from causal.data.request import Request
from causal.design.request import request
from causal.design.study import Study

Ask = Callable[..., Request]


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """120 packages of 30 stories; types that every engine has."""
    draw = stream(1, "tests", "frame")
    rows = 120
    return pd.DataFrame(
        {
            "id": draw.permutation(rows) + 1000,
            "story": [f"s{number:02d}" for number in draw.integers(30, size=rows)],
            "headline": ["Why?" if each else "Because" for each in draw.integers(2, size=rows)],
            "tone": draw.choice(["sad", "happy", "neutral"], size=rows),
            "words": draw.integers(4, 20, size=rows),
            "length": draw.normal(size=rows).round(4),
            "impressions": draw.integers(50, 900, size=rows),
            "clicks": draw.integers(0, 40, size=rows),
            "day": draw.choice(["2024-05-30", "2024-05-31", "2024-06-01T10:00:00"], size=rows),
        }
    )


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Make a request from a study that only says what is special; ``data`` is merged in."""

    def made(path: Path | None = None, data: dict[str, Any] | None = None, **given: Any) -> Request:
        study = {
            "study": "test",
            "unit": "id",
            "attributes": ["tone"],
            "outcomes": [{"name": "ctr", "numerator": "clicks", "denominator": "impressions"}],
            **given,
            "data": {"source": str(path or "memory"), **(data or {})},
        }
        return request(Study.model_validate({k: v for k, v in study.items() if v is not None}))

    return made


@pytest.fixture
def parquet(frame: pd.DataFrame, tmp_path: Path) -> Path:
    """The table as a parquet file."""
    path = tmp_path / "packages.parquet"
    frame.to_parquet(path)
    return path


@pytest.fixture
def simple() -> pd.DataFrame:
    """Six rows, to break one at a time."""
    return pd.DataFrame(
        {
            "id": np.arange(6),
            "tone": ["a", "b", "a", "b", "a", "b"],
            "clicks": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "impressions": [10, 20, 30, 40, 50, 60],
        }
    )


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
