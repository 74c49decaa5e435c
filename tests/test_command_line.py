"""The command line: what it prints where, what it writes, and its exit codes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import causal
from causal.__main__ import main
from causal.base.errors import DesignError
from causal.base.finding import Finding, Status

STUDY = """\
study: demo
question: Does video pay?
data: {source: table.parquet}
attributes: [video]
outcomes: [{name: shares, column: shares}]
"""
BROKEN = Finding(
    name="sample ratio",
    status=Status.FAIL,
    meaning="The split differs from plan.",
    remedy="Leave the period out.",
    statistic=float("inf"),
    threshold=0.001,
    starts=date(2013, 6, 25),
    columns=("impressions",),
)
FINE = Finding(name="duplicates", status=Status.PASS, meaning="No unit comes twice.")


def inside(folder):
    """What a folder holds."""
    return sorted(each.name for each in folder.iterdir())


@dataclass(frozen=True)
class FakeResult:
    """A result without the run."""

    findings: tuple[Finding, ...]
    title: str = "Video raises shares"

    def save(self, directory):
        """Write a page."""
        directory.mkdir(parents=True)
        (directory / "report.html").write_text("page")
        return directory


@dataclass(frozen=True)
class FakeVerification:
    """An answer of verify."""

    matches: bool
    words: str


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text(STUDY)


@pytest.fixture
def workflow(monkeypatch):
    """A stand-in for the stages, so that these tests are about the command line alone."""
    stand_in = ModuleType("causal.workflow")
    stand_in.findings = (FINE,)
    stand_in.asked = []

    def run(study, *, table=None, workers=None, progress=None, keep=None):
        stand_in.asked.append((study.study, workers))
        progress("reading", 0.1)
        progress("reading", 0.2)
        progress("estimating", 0.6)
        return FakeResult(findings=stand_in.findings)

    stand_in.run = run
    stand_in.check = lambda study, *, table=None: stand_in.findings
    monkeypatch.setitem(sys.modules, "causal.workflow", stand_in)
    monkeypatch.setattr(causal, "workflow", stand_in, raising=False)
    return stand_in


def test_run_prints_where_the_report_is_and_what_it_found(workflow, capsys, tmp_path):
    assert main(["run", "study.yaml"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"Report: {Path('reports/demo/report.html')}",
        "Video raises shares",
        "Findings: 0 FAIL, 0 WARN, 1 PASS.",
    ]
    assert (tmp_path / "reports" / "demo" / "report.html").is_file()


def test_progress_in_a_log_is_one_plain_line_a_stage(workflow, capsys):
    main(["run", "study.yaml"])
    assert capsys.readouterr().err.splitlines() == [" 10% reading", " 60% estimating"]


def test_quiet_is_silent_about_progress(workflow, capsys):
    assert main(["run", "study.yaml", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal_is_a_bar(workflow, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["run", "study.yaml"]) == 0
    assert "60% estimating" not in capsys.readouterr().err


def test_options_of_run_reach_the_workflow(workflow, tmp_path):
    assert main(["run", "study.yaml", "--out", "elsewhere", "--workers", "2"]) == 0
    assert workflow.asked == [("demo", 2)]
    assert (tmp_path / "elsewhere" / "report.html").is_file()


def test_a_failed_check_is_exit_code_1_and_named(workflow, capsys):
    workflow.findings = (BROKEN, FINE)
    assert main(["run", "study.yaml", "--quiet"]) == 1
    assert "Findings: 1 FAIL, 0 WARN, 1 PASS. Failed: sample ratio." in capsys.readouterr().out


def test_check_prints_findings_in_words_and_writes_nothing(workflow, capsys, tmp_path):
    workflow.findings = (BROKEN, FINE)
    assert main(["check", "study.yaml"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "FAIL  sample ratio: The split differs from plan. Leave the period out.",
        "PASS  duplicates: No unit comes twice.",
        "Findings: 1 FAIL, 0 WARN, 1 PASS. Failed: sample ratio.",
    ]
    assert inside(tmp_path) == ["study.yaml"]


def test_check_json_is_an_array_of_flat_objects(workflow, capsys):
    workflow.findings = (BROKEN, FINE)
    assert main(["check", "study.yaml", "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "name": "sample ratio",
        "status": "FAIL",
        "statistic": None,
        "threshold": 0.001,
        "meaning": "The split differs from plan.",
        "remedy": "Leave the period out.",
        "starts": "2013-06-25",
        "ends": None,
        "columns": ["impressions"],
    }
    assert second["status"] == "PASS"


def test_what_cannot_be_used_is_exit_code_2_with_one_message_and_no_file(
    workflow, capsys, tmp_path
):
    def refuse(study, *, workers, progress, keep):
        raise DesignError("mediators: 'position' cannot be adjusted for.")

    workflow.run = refuse
    assert main(["run", "study.yaml", "--quiet"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "causal: study.yaml: mediators: 'position' cannot be adjusted for.\n"
    assert printed.out == ""
    assert inside(tmp_path) == ["study.yaml"]


def test_an_interrupt_is_exit_code_130_with_a_sentence(workflow, capsys, tmp_path):
    def interrupted(study, *, workers, progress, keep):
        raise KeyboardInterrupt

    workflow.run = interrupted
    assert main(["run", "study.yaml", "--quiet"]) == 130
    assert capsys.readouterr().err.startswith("causal: Interrupted.")
    assert inside(tmp_path) == ["study.yaml"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("division by zero"), "This is a fault of causal"),
        (MemoryError(), "memory does not suffice"),
        (OSError(28, "No space left on device", "x"), "x: No space left on device."),
    ],
)
def test_any_other_error_is_exit_code_2_in_words(workflow, capsys, error, words):
    def fail(study, *, workers, progress, keep):
        raise error

    workflow.run = fail
    assert main(["run", "study.yaml", "--quiet"]) == 2
    assert words in capsys.readouterr().err


def test_a_fault_shows_its_traceback_on_request(workflow, monkeypatch):
    def fail(study, *, workers, progress, keep):
        raise ZeroDivisionError

    workflow.run = fail
    monkeypatch.setenv("CAUSAL_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["run", "study.yaml", "--quiet"])


@pytest.mark.parametrize(
    "argv",
    [
        ["run"],
        ["run", "study.yaml", "--workers", "0"],
        ["run", "study.yaml", "--workers", "many"],
        ["run", "study.yaml", "--unknown"],
        ["plan", "study.yaml"],
        ["rnu", "study.yaml"],
        ["check", "study.yaml", "extra"],
        ["run", "study.yaml", "--out"],
        ["run", "none.yaml"],
        ["check", "none.yaml"],
        ["init", "none.parquet"],
        ["render", "none.json"],
        ["verify", "none"],
        ["verify", "study.yaml"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2_and_writes_nothing(capsys, tmp_path, argv):
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert (printed.err or printed.out).strip()
    assert inside(tmp_path) == ["study.yaml"]


def test_an_output_that_is_a_file_is_refused_before_the_run(workflow, capsys):
    assert main(["run", "study.yaml", "--out", "study.yaml"]) == 2
    assert "is a file" in capsys.readouterr().err
    assert main(["run", "study.yaml", "--out", "study.yaml/deeper"]) == 2
    assert "is a file" in capsys.readouterr().err
    assert workflow.asked == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write anywhere")
def test_an_output_that_cannot_be_written_is_refused_before_the_run(workflow, capsys, tmp_path):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(stat.S_IREAD | stat.S_IEXEC)
    assert main(["run", "study.yaml", "--out", "locked/report"]) == 2
    assert "not writable" in capsys.readouterr().err
    assert workflow.asked == []


def test_verify_says_whether_the_numbers_match(workflow, capsys, tmp_path):
    workflow.verify = lambda directory, *, study, workers: FakeVerification(True, "All match.")
    assert main(["verify", str(tmp_path)]) == 0
    workflow.verify = lambda directory, *, study, workers: FakeVerification(False, "Data changed.")
    assert main(["verify", str(tmp_path), "--study", "study.yaml"]) == 1
    assert capsys.readouterr().out == "All match.\nData changed.\n"


def test_help_and_version_are_short(capsys):
    assert main(["-h"]) == 0
    assert "130" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("causal ")


def test_names_of_any_script_survive_a_narrow_terminal(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "causal", "check", "点击.yaml"]
    done = subprocess.run(
        command, capture_output=True, encoding="latin-1", env=environment, check=False
    )
    assert done.returncode == 2
    assert "\\u70b9\\u51fb.yaml" in done.stderr


def test_schema_is_json(capsys):
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["if"]["properties"]["kind"] == {"const": "experiment"}
    assert "arms" in schema["then"]["else"]["required"]
    assert "parties" in schema["then"]["then"]["properties"]
    assert "entity" in schema["else"]["then"]["required"]
    assert "before" in schema["else"]["else"]["then"]["required"]
    assert "outcomes" in schema["else"]["else"]["else"]["then"]["required"]
    assert "attributes" in schema["else"]["else"]["else"]["else"]["required"]


@pytest.fixture
def table(tmp_path):
    """A small table of items."""
    rows = range(40)
    columns = {
        "item_id": [f"i{i}" for i in rows],
        "video": [i % 2 for i in rows],
        "shares": [i * 3 % 11 for i in rows],
    }
    pq.write_table(pa.table(columns), tmp_path / "items.parquet")
    return tmp_path / "items.parquet"


def test_init_drafts_a_study_beside_you(table, capsys, tmp_path):
    assert main(["init", "items.parquet"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Study: items.yaml"
    study = causal.read_study(tmp_path / "items.yaml")
    assert (study.data.source, study.unit) == ("items.parquet", ("item_id",))
    assert study.attributes[0].name == "video"


def test_init_overwrites_nothing(table, capsys, tmp_path):
    assert main(["init", "items.parquet", "--out", "study.yaml"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "study.yaml").read_text() == STUDY
    assert main(["init", "items.parquet", "--out", "no/where.yaml"]) == 2
    assert inside(tmp_path) == ["items.parquet", "study.yaml"]


def test_init_of_what_is_no_table_writes_nothing(capsys, tmp_path):
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and then nothing")
    assert main(["init", "cut.parquet"]) == 2
    assert "cut.parquet" in capsys.readouterr().err
    assert inside(tmp_path) == ["cut.parquet", "study.yaml"]


def test_render_of_what_is_no_result_is_exit_code_2(capsys, tmp_path):
    (tmp_path / "result.json").write_text("{}")
    assert main(["render", "result.json"]) == 2
    assert capsys.readouterr().err.startswith("causal: ")
    assert inside(tmp_path) == ["result.json", "study.yaml"]


def test_a_closed_pipe_is_no_fault():
    command = f"{sys.executable} -m causal schema | head -c 10"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("{")
    assert done.stderr == ""


REAL = """\
study: items
data: {source: items.parquet}
unit: item_id
attributes: [video]
outcomes: [{name: shares, column: shares}]
settings: {folds: 2, minimum_cell: 1}
"""


def test_a_report_is_verified_rendered_and_its_changed_data_found_out(table, capsys, tmp_path):
    (tmp_path / "items.yaml").write_text(REAL)
    assert main(["run", "items.yaml", "--quiet", "--workers", "1"]) in (0, 1)
    report = tmp_path / "reports" / "items"
    assert inside(report) == [
        "effects.parquet",
        "manifest.json",
        "report.html",
        "result.json",
        "run.log",
    ]
    page = (report / "report.html").read_bytes()
    (report / "report.html").unlink()
    assert main(["render", str(report / "result.json")]) == 0
    assert (report / "report.html").read_bytes() == page
    assert main(["verify", str(report)]) == 0
    changed = pq.read_table(table).slice(1)
    pq.write_table(changed, table)
    capsys.readouterr()
    assert main(["verify", str(report)]) == 1
    assert "changed" in capsys.readouterr().out
    (tmp_path / "items.yaml").unlink()
    assert main(["verify", str(report)]) == 2
    assert "--study" in capsys.readouterr().err


def test_a_drafted_study_can_be_checked(table, capsys, tmp_path):
    assert main(["init", "items.parquet"]) == 0
    assert main(["check", "items.yaml"]) in (0, 1)
    assert "Findings: " in capsys.readouterr().out
