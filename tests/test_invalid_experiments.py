"""Whatever check fails: no verdict and no coloured effect, on the page, in JSON, in what is printed.

Every experiment here would be shipped, or rolled back, if nothing were wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

import causal
from causal.__main__ import app
from causal.base.catalog import members

UNITS = 1_200
SHARES = {"A": 0.5, "B": 0.5}


def units(lift: float = 0.5, units: int = UNITS) -> pd.DataFrame:
    """Two arms; revenue is far higher in B, and so are complaints when ``lift`` is negative."""
    rng = np.random.default_rng(4)
    arm = rng.permutation(np.repeat(["A", "B"], units // 2))
    treated = arm == "B"
    before = rng.gamma(2.0, 5.0, units).round(3)
    day = rng.integers(0, 14, units)
    return pd.DataFrame({
        "user": np.arange(units), "arm": arm, "before": before, "day": day,
        "market": rng.choice(["de", "fr"], units), "shop": np.arange(units) % 200 * 2 + treated,
        "first": (pd.Timestamp("2026-03-02") + pd.to_timedelta(day, "D")).strftime("%Y-%m-%d"),
        "revenue": (before * rng.gamma(5.0, 0.2, units) * (1 + lift * treated)).round(3),
        "clicks": rng.poisson(3, units) + 1,
    })  # fmt: skip


def lost(table: pd.DataFrame, rows: Any) -> pd.DataFrame:
    """Without half of some treated units."""
    gone = np.asarray(rows) & (table["arm"] == "B") & (np.arange(len(table)) % 2 == 0)
    return table[~gone]


def moved(table: pd.DataFrame, rows: Any) -> pd.DataFrame:
    """Some units of A counted in B, and as many of B elsewhere in A: the whole keeps its split."""
    there = np.flatnonzero(np.asarray(rows) & (table["arm"] == "A").to_numpy())
    back = np.flatnonzero(~np.asarray(rows) & (table["arm"] == "B").to_numpy())[: there.size]
    arm = table["arm"].to_numpy().copy()
    arm[there], arm[back] = "B", "A"
    return table.assign(arm=arm)


def crossed(table: pd.DataFrame) -> pd.DataFrame:
    """Sixty units are seen in both arms."""
    other = table.iloc[:60].assign(arm=lambda t: t["arm"].map({"A": "B", "B": "A"}))
    return pd.concat([table, other])


def unlike(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(before=table["before"] * np.where(table["arm"] == "B", 1.3, 1.0))


def silent(table: pd.DataFrame) -> pd.DataFrame:
    quiet = (table["arm"] == "B") & (np.arange(len(table)) % 4 == 0)
    return table.assign(revenue=table["revenue"].where(~quiet))


def fewer(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(shop=np.where(table["arm"] == "B", 100, 0) + np.arange(len(table)) % 4)


def stray(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(arm=table["arm"].where(table["user"] != 7, "C"))


Change = Callable[[pd.DataFrame], pd.DataFrame]
BROKEN: dict[str, tuple[str, Change, dict[str, Any]]] = {
    "units are lost": ("sample ratio", lambda t: lost(t, rows=True), {}),
    "units are lost, with looks": (
        "sample ratio",
        lambda t: lost(t, rows=True),
        {"analysis": {"planned_units": UNITS, "interval": "sequential"}},
    ),
    "units are lost, on a shared pool": (
        "sample ratio",
        lambda t: lost(t, rows=True),
        {"side": "creator"},
    ),
    "one day is split otherwise": ("sample ratio by day", lambda t: moved(t, t["day"] == 5), {}),
    "a segment is split otherwise": (
        "sample ratio by market",
        lambda t: moved(t, (t["market"] == "fr") & (t["user"] % 3 == 0)),
        {},
    ),
    "units are in two arms": ("in several arms", crossed, {"rows": "exposure", "time": "first"}),
    "arms differ before": ("imbalance before exposure", unlike, {}),
    "a metric is missing in one arm": ("missing metrics", silent, {}),
    "there are few clusters": ("few clusters", fewer, {"cluster": "shop"}),
    "an arm of no share has a unit": (
        "arms of zero share",
        stray,
        {"arms": {"column": "arm", "control": "A", "shares": {**SHARES, "C": 0.0}}},
    ),
    "an arm nobody planned has a unit": ("arms of zero share", stray, {}),
    "a planned arm has no unit": (
        "empty arms",
        lambda t: t,
        {"arms": {"column": "arm", "control": "A", "shares": {"A": 0.4, "B": 0.4, "C": 0.2}}},
    ),
}
NEVER_FAIL = {"interference", "locked_plan", "maturity", "runtime"}
"""Checks that warn, or hold the verdict back; they make no experiment invalid."""

VERDICT = re.compile(r"\b(SHIP|ROLL BACK|HOLD)\b|\b(Ship|Roll back|Hold) ")
EMPTY = (
    "segments",
    "so_far",
    "by_day",
    "changes",
    "tried",
    "verdicts",
    "later",
    "impact",
    "posterior",
    "displacement",
)


def study(source: Path, **more: Any) -> dict[str, Any]:
    return {
        "study": "broken", "kind": "experiment", "data": {"source": str(source)}, "unit": "user",
        "exposed_at": "first", "modifiers": ["market"],
        "arms": {"column": "arm", "control": "A", "shares": SHARES},
        "outcomes": [
            {"name": "revenue", "column": "revenue", "before": "before"},
            {"name": "clicks", "column": "clicks", "role": "guardrail", "margin": 0.2},
            {"name": "spent", "column": "revenue", "role": "secondary"},
        ],
        "analysis": {"planned_units": UNITS, "prior": {"relative_sd": 0.2}},
    } | more  # fmt: skip


def run(folder: Path, table: pd.DataFrame, **more: Any) -> tuple[str, dict[str, Any], str]:
    """What is printed, the JSON and the page of a run."""
    table.to_csv(folder / "units.csv", index=False)
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(study(folder / "units.csv", **more)), encoding="utf-8")
    done = CliRunner().invoke(app, ["run", str(file), "--out", str(folder / "out")])
    made = json.loads((folder / "out" / "result.json").read_text("utf-8"))
    return done.output, made, (folder / "out" / "report.html").read_text("utf-8")


def coloured(page: str) -> list[str]:
    """Tones of good and bad outside the gate and the chips on top, and the words that go with them."""
    sections = re.findall(r'<section[^>]*id="([a-z-]+)"(.*?)</section>', page, re.DOTALL)
    assert {"validity", "effects"} <= {name for name, _ in sections}
    found = []
    for name, text in sections:
        if name == "validity":
            continue
        marks = re.findall(r'var\(--(?:good|bad|warn)\)|class="[^"]*\b(?:good|bad)\b[^"]*"', text)
        found += [f"{name}: {mark}" for mark in marks if mark != 'class="banner bad"']
        found += [
            f"{name}: {word}" for word in re.findall(r"[\u25b2\u25bc]|\((?:good|bad)\)", text)
        ]
    return found


@pytest.mark.parametrize("lift", [0.5, -0.5])
def test_when_nothing_is_wrong_there_is_a_verdict_and_colour(tmp_path: Path, lift: float) -> None:
    printed, made, page = run(tmp_path, units(lift))
    assert VERDICT.search(printed)
    assert made["decision"]["word"] in ("SHIP", "HOLD")
    assert coloured(page)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_experiment_has_no_verdict_and_no_coloured_effect(
    tmp_path: Path, what: str
) -> None:
    check, change, more = BROKEN[what]
    printed, made, page = run(tmp_path, change(units()), **more)
    assert check in {each["name"] for each in made["findings"] if each["status"] == "FAIL"}

    decision = made["decision"]
    assert (decision["word"], decision["reason"]) == ("CANNOT DECIDE", "invalid")
    assert decision["greyed"]
    assert {each["word"] for each in decision["arms"]} <= {"CANNOT DECIDE"}
    assert {each["verdict"] for each in made["effects"]} <= {None}
    assert not any(made[name] for name in EMPTY)
    text = json.dumps({name: part for name, part in made.items() if name != "study"})
    assert not VERDICT.search(text)

    assert not VERDICT.search(page)
    assert coloured(page) == []

    assert not VERDICT.search(printed)
    assert "Cannot decide: the experiment is not valid" in printed
    shown = causal.load(tmp_path / "out").text()
    assert not VERDICT.search(shown)
    assert not re.search(r"[\u25b2\u25bc]|\((good|bad)\)|within its margin|that decides", shown)


def test_every_check_that_may_fail_is_broken_here() -> None:
    named = {
        module: member.NAME if hasattr(member, "NAME") else module
        for module, member in members("causal.diagnostics.experiment").items()
    }
    broken = {check for check, _, _ in BROKEN.values()}
    for module, name in named.items():
        assert module in NEVER_FAIL or any(check.startswith(name) for check in broken), module
