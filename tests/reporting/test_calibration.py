"""The page and the files of a calibration, and the command that makes them."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal import workflow
from causal.__main__ import main
from causal.base.errors import ResultError, StudyError
from causal.design.study import Study
from causal.evaluation import _recovery
from causal.reporting._calibration import RUN_COLUMNS, Calibration
from causal.reporting._result import json_text, rounded

HOSTILE = "<script>alert(1)</script>"
STUDY = """\
study: planted
data: {source: table.parquet}
block: k
cluster: k
attributes: [a]
assignment: randomized
outcomes: [{name: y, column: y, margin: 0.5}]
"""


def frame_of() -> pd.DataFrame:
    """Rows in blocks with an attribute whose levels are hostile."""
    rng = np.random.default_rng(0)
    k = np.repeat(np.arange(60), 4)
    frame = pd.DataFrame({"k": k, "a": rng.integers(2, size=k.size)})
    frame["tone"] = rng.choice([HOSTILE, "plain", "| pipe *"], size=k.size)
    frame["y"] = 5 + rng.normal(size=60)[k] + rng.normal(size=k.size)
    return frame


def study_of(**changes: object) -> Study:
    """Blocks, so that a run takes milliseconds."""
    given = {
        "study": "planted",
        "data": {"source": "memory"},
        "block": "k",
        "cluster": "k",
        "attributes": ["a"],
        "assignment": "randomized",
        "outcomes": [{"name": "y", "column": "y", "margin": 0.5}],
    }
    return Study(**(given | changes))


@pytest.fixture(scope="module")
def made() -> Calibration:
    """A calibration whose data are hostile."""
    return workflow.calibrate(study_of(attributes=["a", "tone"]), table=frame_of(), runs=24)


def test_the_page_makes_no_request_and_escapes_what_is_in_the_data(made: Calibration):
    page = made.html()
    assert HOSTILE not in page
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in unescape(page)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


def test_the_same_content_gives_the_same_page(made: Calibration):
    again = Calibration(content=json.loads(json_text(rounded(made.content))))
    assert again.html() == made.html()


def test_content_can_be_written_and_holds_no_row_of_data(made: Calibration):
    text = json_text(rounded(made.content))
    assert json.loads(text)["kind"] == "calibration"
    assert json.loads(text)["runs"] == {"total": 24, "without_effect": 12}


def test_the_answer_is_a_sentence_in_the_units_of_the_outcome(made: Calibration):
    first = made.content["answers"][0]
    assert re.match(
        r"A on y: with this table you can find an effect of [\d.]+ \([\d.]+% of its baseline\) "
        r"four times out of five\. If there is no effect, one of the margin \(2\.\d+\) is ruled "
        r"out in \d+% of runs\.",
        first,
    )


def test_text_says_what_the_page_says(made: Calibration):
    assert made.title in " ".join(made.text().split())
    assert repr(made).startswith("Calibration(")
    assert set(made._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_tables_have_a_row_for_each_effect_and_run(made: Calibration):
    assert len(made.effects) == 3
    assert list(made.runs.columns) == list(RUN_COLUMNS)
    assert len(made.runs) == 3 * 24


def test_saving_writes_three_files_and_leaves_others_alone(made: Calibration, tmp_path: Path):
    (tmp_path / "report.html").write_text("mine")
    made.save(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "calibration.html",
        "calibration.json",
        "calibration.parquet",
        "report.html",
    ]
    assert len(pd.read_parquet(tmp_path / "calibration.parquet")) == 3 * 24


def test_a_file_in_the_way_is_said(made: Calibration, tmp_path: Path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ResultError, match="is a file"):
        made.save(tmp_path / "taken")


def test_an_interrupted_calibration_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder, frame = tmp_path / "kept", frame_of()
    expected = workflow.calibrate(study_of(), table=frame, runs=6)
    done = _recovery.recover

    def stops(*given: object) -> object:
        if given[2] == 3:
            raise KeyboardInterrupt
        return done(*given)

    monkeypatch.setattr(_recovery, "recover", stops)
    with pytest.raises(KeyboardInterrupt):
        workflow.calibrate(study_of(), table=frame, runs=6, workers=1, keep=folder)
    again: list[int] = []

    def counts(*given: object) -> object:
        again.append(given[2])
        return done(*given)

    monkeypatch.setattr(_recovery, "recover", counts)
    resumed = workflow.calibrate(study_of(), table=frame, runs=6, workers=1, keep=folder)
    assert again == [3, 4, 5]
    assert json_text(rounded(resumed.content)) == json_text(rounded(expected.content))
    assert not folder.exists()


def test_no_run_is_no_calibration():
    with pytest.raises(StudyError, match="runs is 0"):
        workflow.calibrate(study_of(), table=frame_of(), runs=0)


def test_the_command_writes_says_and_leaves_with_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    frame_of().to_parquet("table.parquet")
    Path("study.yaml").write_text(STUDY)
    code = main(["calibrate", "study.yaml", "--runs", "12", "--quiet"])
    said = capsys.readouterr()
    assert code in (0, 1)
    assert (code == 1) is ("0 FAIL" not in said.out)
    assert "Calibration: reports/planted/calibration.html" in said.out
    assert "four times out of five" in said.out
    assert said.err == ""
    assert not list(Path("reports").glob(".*"))


def test_another_kind_of_study_cannot_be_calibrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text(
        "study: s\nkind: experiment\ndata: {source: t.csv}\nunit: u\n"
        "arms: {column: arm, control: A}\noutcomes: [{name: y, column: y}]\n"
    )
    assert main(["calibrate", "study.yaml"]) == 2
    assert "of kind 'experiment'" in capsys.readouterr().err
    assert not Path("reports").exists()
