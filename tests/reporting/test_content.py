"""What goes into a result: no password, findings in their order, one number for hidden cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from causal.base.finding import Finding, Status
from causal.design.reading import read_study
from causal.reporting._content import many, ordered, study_content, study_hash

STUDY = """
study: shop
data: {source: "postgresql://me:secret@db.example/shop", table: items}
attributes: [video]
outcomes: [{name: clicks, column: clicks}]
"""


def test_a_password_is_not_in_the_result(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(STUDY, encoding="utf-8")
    content = study_content(read_study(tmp_path / "shop.yaml"))
    assert "secret" not in str(content)
    assert "db.example/shop" in content["text"]


def test_a_comment_does_not_change_what_a_study_asks(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(f"# why\n{STUDY}", encoding="utf-8")
    first, second = (study_hash(read_study(tmp_path / name)) for name in ("a.yaml", "b.yaml"))
    assert first == second


def test_what_failed_comes_first() -> None:
    made = [
        Finding(name=name, status=status, meaning="")
        for name, status in (("b", Status.PASS), ("c", Status.WARN), ("d", Status.FAIL))
    ]
    assert [finding.name for finding in ordered(made)] == ["d", "c", "b"]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (["package_id"], "packages"),
        (["story"], "stories"),
        (["day"], "days"),
        (["news"], "news"),
        (["item", "day"], "rows"),
        ([], "rows"),
    ],
)
def test_rows_are_called_after_the_column_that_names_them(unit: list[str], words: str):
    assert many(unit) == words
