"""Bad inputs: each ends with exit code 2 or a FAIL finding, in words, and leaves nothing behind.

Awkward but legitimate inputs stand at the end: they must work.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import yaml

import causal
from causal.__main__ import main

Columns = dict[str, Any]
ROWS, CREATORS = 240, 40


def inside(folder):
    """What a folder holds."""
    return sorted(each.name for each in folder.iterdir())


def items() -> Columns:
    """A small table: 40 creators with 6 items each, an attribute that was randomised."""
    random = np.random.default_rng(7)
    creator = np.arange(ROWS) % CREATORS
    video = random.integers(0, 2, ROWS)
    impressions = random.integers(50, 150, ROWS)
    return {
        "item_id": [f"i{i:03}" for i in range(ROWS)],
        "creator": [f"c{i:02}" for i in creator],
        "made": np.datetime64("2024-01-01") + np.arange(ROWS) % 90,
        "video": video,
        "tone": random.choice(["calm", "glad", "sad"], ROWS),
        "words": random.integers(5, 20, ROWS),
        "topic": random.choice(["art", "sport", "war"], ROWS),
        "impressions": impressions,
        "clicks": random.binomial(impressions, 0.2 + 0.05 * video),
        "shares": random.normal(3.0 + video, 1.0),
        "weight": random.uniform(1.0, 2.0, ROWS),
        "p_video": np.full(ROWS, 0.5),
        "explored": random.integers(0, 2, ROWS).astype(bool),
    }


STUDY: dict[str, Any] = {
    "study": "items",
    "data": {"source": "items.parquet"},
    "unit": "item_id",
    "cluster": "creator",
    "attributes": ["video"],
    "assignment": "randomized",
    "outcomes": [{"name": "shares", "column": "shares"}],
    "settings": {"minimum_cell": 5, "folds": 2},
}
RATIO = [{"name": "ctr", "numerator": "clicks", "denominator": "impressions"}]

Change = Callable[[Columns], object]
Spoil = Callable[[Path], object]


@dataclass(frozen=True, kw_only=True)
class Bad:
    """One bad input: what is changed, and what the message must hold.

    ``fails`` names the finding that must be FAIL; without it the exit code is 2.
    """

    name: str
    words: tuple[str, ...]
    study: dict[str, Any] = field(default_factory=dict)
    text: str | bytes | None = None
    table: Change | None = None
    spoil: Spoil | None = None
    fails: str | None = None


def setting(column: str, values: Any) -> Change:
    """Replace a column."""

    def change(columns: Columns) -> None:
        columns[column] = values(columns) if callable(values) else values

    return change


def part(column: str, row: int, value: Any) -> Change:
    """Replace one value."""

    def change(columns: Columns) -> None:
        values = list(columns[column])
        values[row] = value
        columns[column] = values

    return change


def source(name: str, **more: Any) -> dict[str, Any]:
    """A study of another source."""
    return {"data": {"source": name, **more}}


def attribute(**more: Any) -> dict[str, Any]:
    """A study of one attribute, spelt out."""
    return {"attributes": [{"name": "video", **more}]}


def file(name: str, content: bytes) -> Spoil:
    """Write a file beside the study."""
    return lambda folder: (folder / name).write_bytes(content)


def lines(columns: Columns) -> None:
    """Keep no rows."""
    for name in columns:
        columns[name] = np.asarray(columns[name])[:0]


def first_rows(count: int) -> Change:
    """Keep the first rows."""

    def change(columns: Columns) -> None:
        for name in columns:
            columns[name] = np.asarray(columns[name])[:count]

    return change


def cut(folder: Path) -> None:
    """Cut the table's file in half."""
    whole = (folder / "items.parquet").read_bytes()
    (folder / "items.parquet").write_bytes(whole[: len(whole) // 2])


def folder_for_table(folder: Path) -> None:
    """Put a folder where the table should be."""
    (folder / "items.parquet").unlink()
    (folder / "items.parquet").mkdir()


def two_creators(columns: Columns) -> Any:
    """Give the attribute to two creators alone."""
    return np.isin(columns["creator"], ["c00", "c01"]).astype(int)


def first_arms_get_most(columns: Columns) -> Any:
    """Show the first item of every creator ten times as often as the others."""
    return np.where(np.arange(ROWS) < CREATORS, 900, 90)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
GOOD = yaml.safe_dump(STUDY, sort_keys=False)

STUDY_FILE = (
    Bad(name="empty file", text="", words=("is empty", "causal init")),
    Bad(name="a list", text="- a\n", words=("holds a list", "causal schema")),
    Bad(name="tabs", text="study: x\ndata:\n\tsource: t\n", words=("line 3", "tab", "spaces")),
    Bad(name="alias bomb", text=BOMB, words=("line 2", "repeats another part")),
    Bad(name="object tag", text="study: !!python/object/apply:os.getcwd []\n", words=("tag",)),
    Bad(name="repeated key", text=GOOD + "unit: x\n", words=("'unit' is given twice", "Keep one")),
    Bad(name="the table itself", text=b"PAR1\0\0PAR1", words=("may be the table",)),
    Bad(name="utf-16", text=GOOD.encode("utf-16"), words=("is not text",)),
    Bad(name="latin-1", text=GOOD.encode() + b"question: \xe9t\xe9\n", words=("UTF-8", "line ")),
    Bad(name="unknown key", study={"wieght": "w"}, words=("wieght", "Did you mean 'weight'?")),
    Bad(name="misplaced key", study={"level": 0.9}, words=("'level' belongs under 'settings'",)),
    Bad(name="wrong type", study={"confounders": "topic"}, words=("confounders", "Write [topic]")),
    Bad(name="other kind", study={"kind": "policy"}, words=("not available in this version",)),
    Bad(name="unsafe name", study={"study": "../x"}, words=("study is '../x'", "output folder")),
    Bad(name="two roles", study={"confounders": ["video"]}, words=("'video'", "two roles")),
    Bad(name="after the outcome", study={"modifiers": ["rank"], "post_outcome": ["rank"]},
        words=("modifiers", "'rank'", "remove it")),
    Bad(name="no contrast", study=attribute(contrast=[2, 2]), words=("both ends are equal",)),
    Bad(name="half a ratio", study={"outcomes": [{"name": "r", "numerator": "clicks"}]},
        words=("outcomes[0]", "'denominator'")),
    Bad(name="wrong goal", study={"outcomes": [{"name": "r", "column": "shares", "goal": "up"}]},
        words=("outcomes[0].goal is 'up'", "'increase', 'decrease'")),
    Bad(name="unknown estimator", study={"settings": {"estimators": ["apiw"]}},
        words=("settings.estimators[0] is 'apiw'", "Did you mean 'aipw'?")),
    Bad(name="level of 95", study={"settings": {"level": 95}}, words=("settings.level is 95",)),
    Bad(name="circle", study={"graph": [["video", "words"], ["words", "video"]]},
        words=("runs in a circle", "video -> words -> video")),
    Bad(name="one propensity, two attributes", study={"attributes": ["video", "words"],
        "propensity": "p_video"}, words=("there are 2 attributes",)),
    Bad(name="itself", study=source("study.yaml"), words=("the study file itself",)),
)  # fmt: skip

SOURCE = (
    Bad(name="no such table", study=source("itms.parquet"), words=("itms.parquet",)),
    Bad(name="empty glob", study=source("none-*.parquet"), words=("none-*.parquet",)),
    Bad(name="a folder for a table", spoil=folder_for_table, words=("items.parquet", "folder")),
    Bad(name="cut parquet", spoil=cut, words=("items.parquet",)),
    Bad(name="empty parquet", spoil=file("items.parquet", b""), words=("items.parquet",)),
    Bad(name="text as parquet", spoil=file("items.parquet", b"a,b\n1,2\n"),
        words=("items.parquet",)),
    Bad(name="empty csv", study=source("t.csv"), spoil=file("t.csv", b""), words=("t.csv",)),
    Bad(name="binary csv", study=source("t.csv"), spoil=file("t.csv", b"\xff\xfe\0\1" * 50),
        words=("t.csv",)),
    Bad(name="header alone", study=source("t.csv"), spoil=file("t.csv", b"item_id,creator\n"),
        words=("video",)),
    Bad(name="unknown ending", study=source("t.xlsx"), spoil=file("t.xlsx", b"PK\3\4"),
        words=("t.xlsx", "parquet")),
    Bad(name="unknown scheme", study=source("oracle://host/db", table="t"),
        words=("oracle", "postgresql")),
    Bad(name="no database", study=source("duckdb:///none.duckdb", table="t"),
        words=("none.duckdb",)),
    Bad(name="no rows", table=lines, words=("no rows",)),
    Bad(name="no rows left", study=source("items.parquet", where="impressions < 0"),
        words=("data.where", "leaves none of the 240 rows")),
    Bad(name="wrong where", study=source("items.parquet", where="impressions >"),
        words=("data.where",)),
    Bad(name="where of nothing", study=source("items.parquet", where="impresions > 1"),
        words=("data.where", "Did you mean 'impressions'?")),
    Bad(name="two statements", study=source("items.parquet", where="true; DROP TABLE data"),
        words=("data.where",)),
    Bad(name="where that is no condition", study=source("items.parquet", where="tone"),
        words=("data.where",)),
    Bad(name="wrong derive", study=source("items.parquet", derive={"long": "words >> > 3"}),
        words=("data.derive.long",)),
    Bad(name="derive of nothing", study=source("items.parquet", derive={"long": "wrods > 3"}),
        words=("data.derive.long", "Did you mean 'words'?")),
    Bad(name="derived name taken", study=source("items.parquet", derive={"tone": "words > 3"}),
        words=("data.derive.tone", "already")),
    Bad(name="query that writes", study=source("items.parquet",
        query="COPY (SELECT 1) TO 'out.csv'"), words=("data.query", "SELECT")),
    Bad(name="query of an unknown table", study=source("items.parquet",
        query="SELECT * FROM itms"), words=("data.query",)),
)  # fmt: skip

COLUMNS = (
    Bad(name="no attribute column", study={"attributes": ["vidoe"]},
        words=("vidoe", "Did you mean 'video'?", "attributes")),
    Bad(name="no outcome column", study={"outcomes": [{"name": "s", "column": "share"}]},
        words=("share", "Did you mean 'shares'?", "outcomes")),
    Bad(name="no cluster column", study={"cluster": "author"}, words=("author", "cluster")),
    Bad(name="no unit column", study={"unit": "items"}, words=("items", "unit", "item_id")),
    Bad(name="no weight column", study={"weight": "wieght"}, words=("wieght", "weight")),
    Bad(name="no confounder column", study={"confounders": ["topics"]}, words=("topics", "topic")),
    Bad(name="repeated units", table=part("item_id", 3, "i000"), words=("item_id", "i000")),
    Bad(name="null unit", table=part("item_id", 3, None), words=("unit", "item_id")),
    Bad(name="negative weight", study={"weight": "weight"}, table=part("weight", 3, -1.0),
        words=("weight", "negative")),
    Bad(name="infinite weight", study={"weight": "weight"}, table=part("weight", 3, np.inf),
        words=("weight", "finite")),
    Bad(name="missing weight", study={"weight": "weight"}, table=part("weight", 3, None),
        words=("weight",)),
    Bad(name="no weight at all", study={"weight": "weight"},
        table=setting("weight", np.zeros(ROWS)), words=("weight",)),
    Bad(name="weight in words", study={"weight": "tone"}, words=("weight", "tone", "number")),
    Bad(name="zero denominators alone", study={"outcomes": RATIO},
        table=setting("impressions", np.zeros(ROWS, int)), words=("impressions",)),
    Bad(name="negative denominator", study={"outcomes": RATIO}, table=part("impressions", 3, -5),
        words=("impressions",)),
    Bad(name="outcome in words", study={"outcomes": [{"name": "t", "column": "tone"}]},
        words=("tone", "number", "outcomes")),
    Bad(name="no outcome at all", table=setting("shares", pa.nulls(ROWS, pa.float64())),
        words=("shares",)),
    Bad(name="infinite outcome", table=part("shares", 3, np.inf), words=("shares", "finite")),
    Bad(name="no attribute at all", table=setting("video", pa.nulls(ROWS, pa.int64())),
        words=("video",)),
    Bad(name="three levels of a binary", study={"attributes": [{"name": "tone",
        "kind": "binary"}]}, words=("tone", "binary")),
    Bad(name="words as a number", study={"attributes": [{"name": "tone", "kind": "continuous"}]},
        words=("tone", "continuous")),
    Bad(name="unknown reference", study={"attributes": [{"name": "tone", "reference": "angry"}]},
        words=("tone", "angry", "calm")),
    Bad(name="a level for every row", study={"attributes": ["item_id"], "unit": None},
        words=("item_id", "level")),
    Bad(name="contrast of a switch", study=attribute(contrast=[0, 1]),
        words=("'video' is binary", "Remove the contrast")),
    Bad(name="reference of a number", study={"attributes": [{"name": "words", "reference": 9}]},
        words=("'words' is continuous", "reference")),
    Bad(name="infinite attribute", study={"attributes": [{"name": "size",
        "kind": "continuous"}]}, table=setting("size", np.full(ROWS, np.inf)), words=("size",)),
    Bad(name="propensity of 2", study={"propensity": "p_video"}, table=part("p_video", 3, 2.0),
        words=("p_video", "between 0 and 1")),
    Bad(name="propensity in words", study={"propensity": "tone"}, words=("propensity", "tone")),
    Bad(name="propensity of unknown levels", study={"attributes": [{"name": "tone",
        "propensity": {"angry": "p_video"}}]}, words=("tone", "one column for each level", "calm")),
    Bad(name="exploration in words", study={"exploration": "tone"}, words=("exploration", "tone")),
    Bad(name="time in words", study={"time": "tone"}, words=("time", "tone")),
    Bad(name="nested column", study={"confounders": ["tags"]},
        table=setting("tags", [["a", "b"]] * ROWS), words=("tags",)),
)  # fmt: skip

FOUND = (
    Bad(name="one cluster", table=setting("creator", ["c"] * ROWS), fails="few clusters",
        words=("All rows belong to one cluster of 'creator'",)),
    Bad(name="one row", table=first_rows(1), fails="constant column", words=("'video'",)),
    Bad(name="three rows", table=first_rows(3), fails="constant column", words=("'video'",)),
    Bad(name="all treated", table=setting("video", np.ones(ROWS, int)), fails="constant column",
        words=("Every row has 'video' = 1",)),
    Bad(name="constant outcome", table=setting("shares", np.ones(ROWS)), fails="constant column",
        words=("'shares' is the same in every row",)),
    Bad(name="fold without both arms", study={"settings": {"folds": 20, "minimum_cell": 5}},
        table=setting("video", two_creators), fails="folds",
        words=("no row of an arm of 'video'", "settings.folds")),
    Bad(name="arm in two clusters", table=setting("video", two_creators), fails="few clusters",
        words=("'video' lies in fewer than 5 clusters",)),
    Bad(name="blocks of one row", study={"block": "item_id"}, fails="blocks without variation",
        words=("'video' varies within fewer than 5 blocks",)),
    Bad(name="attribute constant within block", study={"block": "creator"},
        table=setting("video", two_creators), fails="blocks without variation",
        words=("the fewest: 0",)),
    Bad(name="a confounder that is the attribute", study={"confounders": ["copy"]},
        table=setting("copy", lambda t: t["video"]), fails="leaks",
        words=("'copy' alone sorts the attribute 'video'",)),
    Bad(name="a confounder that is the outcome", study={"confounders": ["copy"]},
        table=setting("copy", lambda t: t["shares"]), fails="leaks",
        words=("Move 'copy' to post_outcome",)),
    Bad(name="two attributes that are one", study={"attributes": ["video", "copy"]},
        table=setting("copy", lambda t: 1 - t["video"]), fails="bundle",
        words=("'video' and 'copy'", "Keep one of them")),
    Bad(name="huge contrast", study={"attributes": [{"name": "words", "contrast": [0, 1e9]}]},
        fails="contrast", words=("[0, 1e+09]", "Choose both ends between")),
    Bad(name="arms that lost their split", study={"block": "creator", "outcomes": RATIO,
        "attributes": ["tone"]}, table=setting("impressions", first_arms_get_most),
        fails="sample ratio by segment", words=("more than their planned share",)),
)  # fmt: skip

AWKWARD = (
    Bad(name="columns named like SQL words", words=(),
        table=lambda t: t.update({"select": t["video"], "from": t["shares"], "group": t["topic"]}),
        study={"attributes": ["select"], "outcomes": [{"name": "order", "column": "from"}],
               "confounders": ["group"], "data": {"source": "items.parquet",
               "derive": {"table": "\"select\" + 1"}, "where": "\"from\" > -100"}}),
    Bad(name="names in other scripts, with spaces and quotes", words=(),
        table=lambda t: t.update({"größe": t["video"], "点击": t["shares"], 'a "b" % \'c\'': t["topic"]}),
        study={"study": "größe", "attributes": ["größe"], "modifiers": ['a "b" % \'c\''],
               "outcomes": [{"name": "点击 😀", "column": "点击"}]}),
    Bad(name="hostile text", words=(),
        table=setting("tone", lambda t: np.where(t["video"] > 0, "</script><script>alert(1)", "{{x}}")),
        study={"attributes": ["tone"], "question": "<img src=x onerror=alert(1)>"}),
)  # fmt: skip


def written(bad: Bad, folder: Path) -> Path:
    """Write table and study of one case."""
    columns = items()
    if bad.table is not None:
        bad.table(columns)
    pq.write_table(pa.table(columns), folder / "items.parquet")
    if bad.spoil is not None:
        bad.spoil(folder)
    study = folder / "study.yaml"
    if bad.text is not None:
        study.write_bytes(bad.text if isinstance(bad.text, bytes) else bad.text.encode())
    else:
        values = {**copy.deepcopy(STUDY), **bad.study}
        study.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), "utf-8")
    return study


def named(bad: Bad) -> str:
    """The case's name, for pytest."""
    return bad.name.replace(" ", "-")


REFUSED = (*STUDY_FILE, *SOURCE, *COLUMNS)


@pytest.mark.parametrize("bad", REFUSED, ids=named)
def test_it_is_refused_in_words_and_nothing_is_written(bad, tmp_path, monkeypatch, capsys):
    study = written(bad, tmp_path)
    before = inside(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = main(["run", study.name, "--quiet"])
    printed = capsys.readouterr()
    assert code == 2, printed
    assert printed.out == ""
    for words in bad.words:
        assert words in printed.err
    for jargon in ("Traceback", "fault of causal", "pydantic", "KeyError", "None"):
        assert jargon not in printed.err
    assert inside(tmp_path) == before


@pytest.mark.parametrize("bad", FOUND, ids=named)
def test_it_is_a_failed_check_that_takes_a_verdict_away(bad, tmp_path, monkeypatch, capsys):
    study = written(bad, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", study.name, "--quiet", "--out", "report", "--workers", "1"]) == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    assert bad.fails in printed.out.splitlines()[-1]
    result = causal.load(tmp_path / "report")
    failed = [each for each in result.findings if str(each.status) == "FAIL"]
    said = " ".join(f"{each.meaning} {each.remedy}" for each in failed if each.name == bad.fails)
    for words in bad.words:
        assert words in said
    verdict = result.effects["verdict"]
    assert (verdict.isna() | (verdict == "not estimable")).any()


@pytest.mark.parametrize("bad", AWKWARD, ids=named)
def test_awkward_but_legitimate_input_works(bad, tmp_path, monkeypatch, capsys):
    study = written(bad, tmp_path)
    monkeypatch.chdir(tmp_path)
    code = main(["run", study.name, "--quiet", "--out", "report", "--workers", "1"])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert main(["render", "report", "--out", "again.html"]) == 0
    assert (tmp_path / "again.html").read_text("utf-8") == page


def test_there_are_at_least_sixty_of_them():
    assert len({bad.name for bad in (*REFUSED, *FOUND)}) >= 60


def test_a_run_that_is_refused_leaves_the_earlier_report_as_it_was(tmp_path, monkeypatch, capsys):
    study = written(AWKWARD[0], tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", study.name, "--quiet", "--out", "report"]) == 0
    before = {each.name: each.read_bytes() for each in (tmp_path / "report").iterdir()}
    cut(tmp_path)
    assert main(["run", study.name, "--quiet", "--out", "report"]) == 2
    assert {each.name: each.read_bytes() for each in (tmp_path / "report").iterdir()} == before


def test_an_interrupted_run_leaves_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    study = written(AWKWARD[0], tmp_path)
    before = inside(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("causal.workflow.attributes.diagnose", interrupted)
    assert main(["run", study.name, "--quiet"]) == 130
    assert capsys.readouterr().err.startswith("causal: Interrupted.")
    assert inside(tmp_path) == before


@pytest.mark.parametrize("bad", [*SOURCE, *COLUMNS][::6], ids=named)
def test_check_refuses_the_same(bad, tmp_path, monkeypatch, capsys):
    study = written(bad, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["check", study.name, "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(words in printed.err for words in bad.words)
