"""The command line: the top layer, imported by none. Everything heavy loads inside a command."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from causal.base.errors import DataError, ResultError, StudyError
from causal.reporting._terminal import (
    DONE,
    FAILED,
    UNUSABLE,
    answers,
    counted,
    flat,
    in_words,
    leave_with,
    progress,
)

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
    with answers(study):
        from causal.design.reading import read_study

        asked = read_study(study)
        folder = out or Path("reports") / asked.study
        _refuse_folder(folder)
        from causal import workflow

        with progress(quiet=quiet) as told:
            unfinished = folder.parent / f".{folder.name}.unfinished"
            result = workflow.run(asked, workers=workers, progress=told, keep=unfinished)
            saved = result.save(folder)
        typer.echo(f"Report: {saved / 'report.html'}")
        typer.echo(result.title or asked.study)
        typer.echo(counted(result.findings))
        leave_with(result.findings)


@app.command()
def check(
    study: StudyFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Read the data, verify roles and design, print findings; estimate nothing."""
    with answers(study):
        from causal.design.reading import read_study

        asked = read_study(study)
        from causal import workflow

        findings = workflow.check(asked)
        if as_json:
            typer.echo(json.dumps([flat(each) for each in findings], indent=2, ensure_ascii=False))
        else:
            for each in findings:
                typer.echo(in_words(each))
            typer.echo(counted(findings))
        leave_with(findings)


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
    with answers(study):
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
    with answers(study):
        from causal.design.reading import of_attributes, read_study

        asked = of_attributes(read_study(study))
        folder = out or Path("reports") / asked.study
        _refuse_folder(folder)
        from causal import workflow

        with progress(quiet=quiet) as told:
            unfinished = folder.parent / f".{folder.name}.calibrating"
            made = workflow.calibrate(
                asked, runs=runs, workers=workers, progress=told, keep=unfinished
            )
            saved = made.save(folder)
        typer.echo(f"Calibration: {saved / 'calibration.html'}")
        typer.echo(made.title)
        for sentence in made.content["answers"]:
            typer.echo(sentence)
        typer.echo(counted(made.findings))
        leave_with(made.findings)


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
    with answers():
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
    with answers():
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
    with answers():
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
    with answers():
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


if __name__ == "__main__":
    sys.exit(main())
