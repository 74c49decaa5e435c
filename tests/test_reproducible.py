"""Same study and data give the same bytes: run twice, any hash seed, any number of workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.reporting._result import load

STUDY = """
study: small
kind: attributes
data: {source: items.csv}
unit: item
cluster: creator
block: creator
time: day
attributes: [video, {name: tone, reference: calm}, length]
confounders: [topic]
modifiers: [market]
outcomes:
  - {name: rate, numerator: clicks, denominator: views, margin: 0.5}
  - {name: hides, column: hidden, role: guardrail, goal: decrease}
"""


def items(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    views = rng.poisson(60, rows) + 1
    return pd.DataFrame(
        {
            "item": [f"i{n:04d}" for n in range(rows)],
            "creator": rng.integers(60, size=rows),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(90, size=rows), "D"),
            "video": rng.integers(2, size=rows),
            "tone": rng.choice(["calm", "sad", "<b>loud</b>"], rows),
            "length": rng.normal(60, 9, rows).round(1),
            "topic": rng.choice(["a", "b", None], rows),
            "market": rng.choice(["x", "y"], rows),
            "views": views,
            "clicks": rng.binomial(views, 0.1),
            "hidden": rng.integers(2, size=rows),
        }
    )


def command(folder: Path, *words: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-W", "error::RuntimeWarning", "-m", "causal", *words),
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reproducible")
    items().to_csv(made / "items.csv", index=False)
    (made / "small.yaml").write_text(STUDY, encoding="utf-8")
    first = command(made, "run", "small.yaml", "--out", "first", "--workers", "1", "--quiet")
    assert first.returncode in (0, 1), first.stderr
    return made


def test_a_second_run_gives_the_same_bytes(folder: Path) -> None:
    shuffled = items().sample(frac=1, random_state=1)
    (folder / "other").mkdir()
    shuffled.to_csv(folder / "other" / "items.csv", index=False)
    (folder / "other" / "small.yaml").write_text(STUDY, encoding="utf-8")
    second = command(
        folder / "other", "run", "small.yaml", "--out", "second", "--workers", "2", seed="7"
    )
    assert second.returncode in (0, 1), second.stderr
    for name in ("report.html", "result.json", "effects.parquet", "manifest.json"):
        there = (folder / "other" / "second" / name).read_bytes()
        assert there == (folder / "first" / name).read_bytes(), name


def test_rendering_the_result_gives_the_page(folder: Path) -> None:
    result = folder / "first" / "result.json"
    done = command(folder, "render", str(result), "--out", "again.html")
    assert done.returncode == 0, done.stderr
    assert (folder / "again.html").read_bytes() == (folder / "first" / "report.html").read_bytes()


def test_verify_agrees_and_notices_changed_data(folder: Path) -> None:
    assert command(folder, "verify", "first").returncode == 0
    changed = items()
    changed.loc[3, "clicks"] += 1
    changed.to_csv(folder / "items.csv", index=False)
    done = command(folder, "verify", "first")
    items().to_csv(folder / "items.csv", index=False)
    fingerprint = load(folder / "first").content["data"]["fingerprint"]
    assert done.returncode == 1
    assert fingerprint in done.stdout
    (folder / "items.csv").rename(folder / "gone.csv")
    assert command(folder, "verify", "first").returncode == 2
    (folder / "gone.csv").rename(folder / "items.csv")


def test_nothing_of_this_machine_is_in_what_a_run_leaves(folder: Path) -> None:
    for name in ("report.html", "result.json", "manifest.json"):
        text = (folder / "first" / name).read_text("utf-8")
        assert str(folder) not in text
