"""The benchmark of individual effects: its page and its cases belong together."""

from __future__ import annotations

from pathlib import Path

from benchmarks.heterogeneity.kept import CASES
from benchmarks.heterogeneity.report import page
from benchmarks.heterogeneity.run import cases


def test_the_page_is_what_the_kept_cases_say(root: Path) -> None:
    assert (root / "docs" / "heterogeneity.md").read_text("utf-8") == page()


def test_every_kept_case_can_be_run_again() -> None:
    assert {file.stem for file in CASES.glob("*.json")} <= set(cases("python"))
