"""What a command says on a terminal: progress, findings, why it stopped, and its exit code."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from causal.base.errors import CausalError

if TYPE_CHECKING:
    from causal.base.finding import Finding

Progress = Callable[[str, float], None]

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


@contextmanager
def answers(study: Path | None = None) -> Iterator[None]:
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
def progress(*, quiet: bool) -> Iterator[Progress]:
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


def counted(findings: Sequence[Finding]) -> str:
    """Count findings by status, and name those that failed."""
    counts = {word: sum(str(each.status) == word for each in findings)
              for word in ("FAIL", "WARN", "PASS")}  # fmt: skip
    failed = [each.name for each in findings if str(each.status) == "FAIL"]
    names = f" Failed: {', '.join(dict.fromkeys(failed))}." if failed else ""
    return f"Findings: {', '.join(f'{count} {word}' for word, count in counts.items())}.{names}"


def leave_with(findings: Sequence[Finding]) -> None:
    """Leave with the exit code of a failed finding, if there is one."""
    if any(str(each.status) == "FAIL" for each in findings):
        raise typer.Exit(FAILED)


def in_words(finding: Finding) -> str:
    """One finding as a line."""
    remedy = f" {finding.remedy}" if finding.remedy and str(finding.status) != "PASS" else ""
    return f"{finding.status!s:4}  {finding.name}: {finding.meaning}{remedy}"


def flat(finding: Finding) -> dict[str, Any]:
    """One finding as JSON has it."""
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
