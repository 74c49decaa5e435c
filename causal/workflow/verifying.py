"""A saved report, made again and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causal.base.errors import ResultError
from causal.workflow.running import fingerprint, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether a report could be made again, in words."""

    matches: bool
    words: str


def verify(
    directory: Path, *, study: Path | None = None, workers: int | None = None
) -> Verification:
    """Run a report again from its own study text and compare every number to 6 digits.

    Parameters
    ----------
    directory
        A folder that ``Result.save`` wrote.
    study
        The study file, when it is not where it was: its folder is where relative paths start.
    workers
        Tasks at a time.

    Raises
    ------
    ResultError
        When the report cannot be read, or its study file cannot be found.
    """
    from causal.design.reading import read_study
    from causal.reporting._result import load, rounded

    saved = load(directory)
    file = study or _study_file(directory, saved.content)
    asked = read_study(file)
    before, now = saved.content["data"]["fingerprint"], fingerprint(asked)
    if before != now:
        return Verification(
            matches=False,
            words=f"The data have changed: fingerprint {before} then, {now} now. Nothing was "
            "compared.",
        )
    again = rounded(run(asked, workers=workers).content)
    apart = sorted(differences(saved.content, again))
    if not apart:
        return Verification(matches=True, words="Every number is the same to 6 digits.")
    shown = ", ".join(apart[:5])
    more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
    return Verification(matches=False, words=f"{len(apart)} values differ: {shown}{more}.")


def _study_file(directory: Path, content: Mapping[str, Any]) -> Path:
    name: str | None = content["study"]["file"]
    places = [directory, directory.parent, directory.parent.parent, Path()]
    found = [place / name for place in places if name and (place / name).is_file()]
    recorded = _recorded(directory)
    if recorded is not None and recorded.is_file():
        found.insert(0, recorded)
    if not found:
        raise ResultError(
            f"The study file '{name}' of this report was not found. Name it with --study FILE."
        )
    return found[0]


def _recorded(directory: Path) -> Path | None:
    """Where the run log says the study file was."""
    log = directory / "run.log"
    if not log.is_file():
        return None
    marks = [line for line in log.read_text("utf-8").splitlines() if line.startswith("study: ")]
    return Path(marks[0].removeprefix("study: ")) if marks else None


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """Where two results differ beyond 6 significant digits, as dotted paths.

    >>> differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]})
    ['a.1']
    """
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted({*old, *new})
        return [
            found
            for key in keys
            for found in differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            found
            for number, (a, b) in enumerate(zip(old, new, strict=True))
            for found in differences(a, b, f"{path}.{number}")
        ]
    if isinstance(old, int | float) and isinstance(new, int | float):
        return [] if abs(old - new) <= 1.1e-6 * max(abs(old), abs(new)) else [path]
    return [] if old == new else [path]
