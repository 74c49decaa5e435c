"""The command line: the top layer, imported by none. Everything heavy loads inside a command."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from causal.base.errors import CausalError, DataError, ResultError, StudyError

if TYPE_CHECKING:
    from causal.base.finding import Finding

Progress = Callable[[str, float], None]

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="causal",
    epilog="Exit codes: 0 done; 1 done, and a finding is FAIL; 2 the input cannot be used; "
    "130 interrupted.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        import causal

        typer.echo(f"causal {causal.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Which attributes of content cause success, for whom, and how sure we are."""


StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file (YAML).")]


@app.command()
def run(
    study: StudyFile,
    out: Annotated[
        Path | None, typer.Option(help="Output folder.  [default: reports/<study>]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Tasks at a time.  [default: the cores]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,  # noqa: FBT002
) -> None:
    """Estimate, test, interpret, decide; write the report."""
    with _answers(study):
        from causal.design.reading import read_study

        asked = read_study(study)
        folder = out or Path("reports") / asked.study
        _refuse_folder(folder)
        from causal import workflow

        with _progress(quiet=quiet) as told:
            unfinished = folder.parent / f".{folder.name}.unfinished"
            result = workflow.run(asked, workers=workers, progress=told, keep=unfinished)
            saved = result.save(folder)
        typer.echo(f"Report: {saved / 'report.html'}")
        typer.echo(result.title or asked.study)
        typer.echo(_counted(result.findings))
        _leave_with(result.findings)


@app.command()
def check(
    study: StudyFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Read the data, verify roles and design, print findings; estimate nothing."""
    with _answers(study):
        from causal.design.reading import read_study

        asked = read_study(study)
        from causal import workflow

        findings = workflow.check(asked)
        if as_json:
            typer.echo(json.dumps([_flat(each) for each in findings], indent=2, ensure_ascii=False))
        else:
            for each in findings:
                typer.echo(_in_words(each))
            typer.echo(_counted(findings))
        _leave_with(findings)


@app.command()
def plan(
    study: StudyFile,
    lock: Annotated[  # noqa: FBT002
        bool, typer.Option("--lock", help="Write <study file>.plan.json, for 'plan: locked'.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
    workers: Annotated[int | None, typer.Option(min=1, help="Parts read at a time.")] = None,
) -> None:
    """Before an experiment: smallest effects, units and days, from what was before it."""
    with _answers(study):
        from causal.design.reading import read_study

        asked = read_study(study)
        from causal import workflow

        made = workflow.plan(asked, workers=workers, lock=lock)
        if as_json:
            typer.echo(json.dumps(made.content, indent=2, sort_keys=True, ensure_ascii=False))
        else:
            typer.echo(made.text)


@app.command()
def calibrate(
    study: StudyFile,
    runs: Annotated[int, typer.Option(min=1, help="How many tables to plant effects in.")] = 100,
    out: Annotated[
        Path | None, typer.Option(help="Output folder.  [default: reports/<study>]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time.  [default: the cores]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,  # noqa: FBT002
) -> None:
    """Plant known effects in your own data; report bias, coverage and power."""
    with _answers(study):
        from causal.design.reading import of_attributes, read_study

        asked = of_attributes(read_study(study))
        folder = out or Path("reports") / asked.study
        _refuse_folder(folder)
        from causal import workflow

        with _progress(quiet=quiet) as told:
            unfinished = folder.parent / f".{folder.name}.calibrating"
            made = workflow.calibrate(
                asked, runs=runs, workers=workers, progress=told, keep=unfinished
            )
            saved = made.save(folder)
        typer.echo(f"Calibration: {saved / 'calibration.html'}")
        typer.echo(made.title)
        for sentence in made.content["answers"]:
            typer.echo(sentence)
        typer.echo(_counted(made.findings))
        _leave_with(made.findings)


@app.command()
def init(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="File, glob or database URL.")],
    out: Annotated[
        Path | None, typer.Option(help="The study file to write.  [default: <table>.yaml]")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--table", help="Which table, for a database.")
    ] = None,
) -> None:
    """Draft a study from a table; every guess is marked as a guess."""
    with _answers():
        from causal.design.drafting import draft, slug

        file = out or Path(f"{slug(name or table)}.yaml")
        _refuse_existing(file)
        text = draft(table, table=name, folder=file.parent)
        _write(file, text, replace=False)
        typer.echo(f"Study: {file}")
        typer.echo("Read every line marked 'guess:', correct it, and run:")
        typer.echo(f"causal check {file}")


@app.command()
def render(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="result.json, or its folder.")],
    out: Annotated[
        Path | None, typer.Option(help="The page to write.  [default: report.html beside it]")
    ] = None,
) -> None:
    """Rebuild the page from result.json, without data, models or network."""
    with _answers():
        from causal.reporting._result import load

        page = out or (result if result.is_dir() else result.parent) / "report.html"
        if page.is_dir():
            raise ResultError(f"{page} is a folder. Name the file to write with --out.")
        _write(page, load(result).html(), replace=True)
        typer.echo(f"Report: {page}")


@app.command()
def verify(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a report.")],
    study: Annotated[Path | None, typer.Option(help="The study file, if it moved.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Tasks at a time.")] = None,
) -> None:
    """Rerun a report from its manifest and compare every number."""
    with _answers():
        if not directory.is_dir():
            raise ResultError(f"There is no folder {directory}. Name the folder of a report.")
        from causal import workflow

        verification = workflow.verify(directory, study=study, workers=workers)
        typer.echo(verification.words)
        if not verification.matches:
            raise typer.Exit(FAILED)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the study file, for editors."""
    with _answers():
        from causal.design.schema import schema as describe

        typer.echo(json.dumps(describe(), indent=2))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments after the program's name; by default those of the process.

    Returns
    -------
    int
        0 done; 1 done, and a finding is FAIL; 2 the input cannot be used; 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(args=None if argv is None else list(argv), prog_name="causal")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else UNUSABLE
    return DONE


@contextmanager
def _answers(study: Path | None = None) -> Iterator[None]:
    """Turn whatever stops a command into one message, which names the study, and its exit code."""
    try:
        yield
    except typer.Exit:
        raise
    except CausalError as error:
        named = study is None or str(study) in str(error)
        _stop(str(error) if named else f"{study}: {error}", UNUSABLE)
    except KeyboardInterrupt:
        _stop(
            "Interrupted. What was finished is kept; run the same command to go on from there.",
            INTERRUPTED,
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(DONE) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _stop(
            f"{place}{error.strerror or error}. Look at the path, its permissions and the space "
            "left on the disk.",
            UNUSABLE,
        )
    except MemoryError:
        _stop(
            "The memory does not suffice. Keep fewer rows with 'where', or fewer columns.", UNUSABLE
        )
    except Exception as error:
        if os.environ.get("CAUSAL_TRACEBACK"):
            raise
        _stop(
            f"This is a fault of causal, not of the study ({type(error).__name__}: {error}). "
            "Set CAUSAL_TRACEBACK=1 to see where, and report it with the study file.",
            UNUSABLE,
        )


def _stop(message: str, code: int) -> None:
    typer.echo(f"causal: {message}", err=True)
    raise typer.Exit(code) from None


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """Show a bar on a terminal, plain lines in a log, silence when asked for."""
    if quiet:
        yield lambda _words, _share: None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("starting", total=1.0)
            yield lambda words, share: bar.update(task, description=words, completed=share)


def _lines() -> Progress:
    last = ""

    def tell(words: str, share: float) -> None:
        nonlocal last
        if words != last:
            typer.echo(f"{share:4.0%} {words}", err=True)
        last = words

    return tell


def _refuse_folder(folder: Path) -> None:
    """Refuse an output folder that cannot be written, before any work is done."""
    if folder.exists() and not folder.is_dir():
        raise DataError(f"The output folder {folder} is a file. Name a folder with --out.")
    nearby = (folder.absolute(), *folder.absolute().parents)
    above = next((each for each in nearby if each.exists()), Path("/"))
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise DataError(
            f"The output folder {folder} cannot be made: {above} is "
            f"{'not writable' if above.is_dir() else 'a file'}. "
            "Name another folder with --out."
        )


def _refuse_existing(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise StudyError(
            f"{file} exists already, and init overwrites nothing. "
            "Name another file with --out, or move it away."
        )
    if not file.parent.is_dir():
        raise StudyError(f"There is no folder {file.parent} to write {file.name} into.")


def _write(file: Path, text: str, *, replace: bool) -> None:
    """Write a file whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        if not replace:
            _refuse_existing(file)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _counted(findings: Sequence[Finding]) -> str:
    counts = {word: sum(str(each.status) == word for each in findings)
              for word in ("FAIL", "WARN", "PASS")}  # fmt: skip
    failed = [each.name for each in findings if str(each.status) == "FAIL"]
    names = f" Failed: {', '.join(dict.fromkeys(failed))}." if failed else ""
    return f"Findings: {', '.join(f'{count} {word}' for word, count in counts.items())}.{names}"


def _leave_with(findings: Sequence[Finding]) -> None:
    if any(str(each.status) == "FAIL" for each in findings):
        raise typer.Exit(FAILED)


def _in_words(finding: Finding) -> str:
    remedy = f" {finding.remedy}" if finding.remedy and str(finding.status) != "PASS" else ""
    return f"{finding.status!s:4}  {finding.name}: {finding.meaning}{remedy}"


def _flat(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "status": str(finding.status),
        "statistic": _finite(finding.statistic),
        "threshold": _finite(finding.threshold),
        "meaning": finding.meaning,
        "remedy": finding.remedy,
        "starts": finding.starts.isoformat() if finding.starts else None,
        "ends": finding.ends.isoformat() if finding.ends else None,
        "columns": list(finding.columns),
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return None if value is None or not math.isfinite(value) else float(value)


if __name__ == "__main__":
    sys.exit(main())
