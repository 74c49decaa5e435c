"""The stages in order: study, panel, design, findings, estimates, explanation, decision, result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.base.catalog import members
from causal.base.errors import ResultError, StudyError
from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.base.workers import available_cores, each
from causal.data.panel import Panel
from causal.design.design import LADDER, Design, headline
from causal.design.request import request
from causal.design.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation._fit import Fit
    from causal.estimation._scores import Segments
    from causal.evaluation._evaluated import Evaluated
    from causal.evaluation._recovery import Recovered
    from causal.reporting._calibration import Calibration
    from causal.reporting._result import Result

Progress = Callable[[str, float], None]


def run(
    study: Study,
    *,
    table: pd.DataFrame | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Result:
    """Answer a study: estimate, test, interpret, decide.

    Parameters
    ----------
    study
        What is asked; read one with :func:`causal.read_study`.
    table
        A frame to use in place of the study's source; it is not changed.
    workers
        Tasks at a time, by default the cores; the numbers do not depend on it.
    progress
        Called with what is being done and the share done so far.
    keep
        A folder of its own for finished parts: an interrupted run leaves them there, the next one
        goes on from them, and a run that ends removes the folder. None keeps nothing.

    Returns
    -------
    Result
        Numbers and page; shows itself in a notebook.

    Raises
    ------
    CausalError
        When the study or the data cannot be used.
    """
    from threadpoolctl import threadpool_limits

    log = _Log(progress)
    log.say("reading", 0.0)
    kept = Kept(folder=keep)
    try:
        with threadpool_limits(limits=1):
            result = _run(study, read_panel(study, table), workers or available_cores(), log, kept)
    except Exception:
        kept.forget()
        raise
    kept.forget()
    return result


def _run(study: Study, panel: Panel, workers: int, log: _Log, kept: Kept) -> Result:
    from causal.design.identification._adjustment import reasons
    from causal.interpretation.success_model import explain
    from causal.reporting._content import Parts, content, study_hash, versions
    from causal.reporting._result import Result

    key = f"{study_hash(study)}/{panel.provenance.fingerprint}/{sorted(versions().items())}"
    kept = replace(kept, key=key)
    log.say("checking the table", 0.1)
    designs = identify(study, panel)
    findings = diagnose(study, panel)
    log.say("estimating", 0.15)
    evaluated, cuts = _estimate(study, panel, designs, workers=workers, log=log, kept=kept)
    log.say("evaluating", 0.6)
    findings = (*findings, *_evaluate(evaluated))
    effects, segments, over_time = _tables(evaluated, cuts, findings)
    log.say("fitting success models", 0.7)
    explanations = kept.part("success models", lambda: explain(study, panel, workers=workers))
    log.say("deciding", 0.95)
    parts = Parts(
        evaluated=evaluated,
        findings=findings,
        effects=effects,
        segments=segments,
        over_time=over_time,
        reasons=reasons(study, evaluated.leading.design.adjustment),
        explanations=explanations,
    )
    made = content(parts)
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def read_panel(study: Study, table: pd.DataFrame | None = None) -> Panel:
    """Read what a study names, from its source or from a frame."""
    from causal.data.read import read, read_frame

    return read(request(study)) if table is None else read_frame(table, request(study))


def check(study: Study, *, table: pd.DataFrame | None = None) -> tuple[Finding, ...]:
    """Read the data and verify roles and design; estimate nothing.

    Returns
    -------
    tuple of Finding
        FAIL first.
    """
    from causal.reporting._content import ordered

    panel = read_panel(study, table)
    identify(study, panel)
    return tuple(ordered(diagnose(study, panel)))


def calibrate(
    study: Study,
    *,
    runs: int = 100,
    table: pd.DataFrame | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Calibration:
    """Plant known effects in the study's own table, and see what its pipeline makes of them.

    Parameters
    ----------
    study
        What is asked; its headline design is calibrated.
    runs
        How many tables are drawn; every other one holds no effect.
    table
        A frame to use in place of the study's source; it is not changed.
    workers
        Runs at a time, by default the cores; the numbers do not depend on it.
    progress
        Called with what is being done and the share done so far.
    keep
        A folder of its own for finished runs, as in :func:`run`.

    Returns
    -------
    Calibration
        Bias, coverage, false alarms, power and the smallest effect worth looking for.

    Raises
    ------
    CausalError
        When the study or the data cannot be used, or no effect can be estimated.
    """
    from threadpoolctl import threadpool_limits

    if runs < 1:
        raise StudyError(f"runs is {runs}. Calibrate with at least one run; 100 is a good number.")
    log = _Log(progress)
    log.say("reading", 0.0)
    kept = Kept(folder=keep)
    try:
        with threadpool_limits(limits=1):
            made = _calibrate(
                study, read_panel(study, table), runs, workers or available_cores(), log, kept
            )
    except Exception:
        kept.forget()
        raise
    kept.forget()
    return made


def _calibrate(
    study: Study, panel: Panel, runs: int, workers: int, log: _Log, kept: Kept
) -> Calibration:
    from causal.evaluation._planted import world
    from causal.evaluation._recovery import anchored, pilot, planted, recover
    from causal.reporting._calibration import calibration
    from causal.reporting._content import study_hash, versions

    key = f"{study_hash(study)}/{panel.provenance.fingerprint}/{sorted(versions().items())}"
    kept = replace(kept, key=f"calibrate/{key}")
    log.say("estimating once on the table itself", 0.02)
    designs = identify(study, panel)
    leading = headline(designs, randomized=study.assignment == "randomized")
    design = next(each for each in designs if each.name == leading)
    fixed = anchored(study, panel)
    table = kept.part("pilot", lambda: pilot(fixed, panel, designs, leading, workers))
    log.say("fitting the table's own world", 0.05)
    made = kept.part("world", lambda: world(fixed, panel, design))
    effects = planted(fixed, panel, table)
    ended = count(1)

    def one(number: int) -> tuple[Recovered, ...]:
        found = kept.part(f"run {number}", lambda: recover(made, effects, number))
        log.say("planting and recovering", 0.1 + 0.9 * next(ended) / runs)
        return found

    found = each(one, range(runs), workers)
    log.say("done", 1.0)
    return calibration(study, made, table, found)


def identify(study: Study, panel: Panel) -> tuple[Design, ...]:
    """Every design the data allow, in the order of the ladder."""
    strategies = members("causal.design.identification").values()
    found = [strategy.identify(study, panel) for strategy in strategies]
    return tuple(
        sorted((d for d in found if d is not None), key=lambda design: LADDER.index(design.name))
    )


def diagnose(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Every check on the table alone."""
    return tuple(
        finding
        for member in members("causal.diagnostics").values()
        for finding in member.check(study, panel)
    )


def _evaluate(evaluated: Evaluated) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.evaluation").values()
        for finding in member.check(evaluated)
    )


def _estimate(
    study: Study,
    panel: Panel,
    designs: tuple[Design, ...],
    *,
    workers: int,
    log: _Log,
    kept: Kept,
) -> tuple[Evaluated, tuple[Segments, ...]]:
    from causal.estimation._contrasts import calendar, segments
    from causal.estimation._fit import fit_design
    from causal.estimation.cate._problems import individual_effects
    from causal.evaluation._effects import PERIOD
    from causal.evaluation._evaluated import Evaluated

    leading = headline(designs, randomized=study.assignment == "randomized")
    cuts = segments(panel, study.modifiers)
    period = calendar(panel, PERIOD)
    fits: list[Fit] = []
    for number, design in enumerate(designs):
        log.say(f"estimating: {design.name}", 0.15 + 0.45 * number / len(designs))
        own = (*cuts, period) if period is not None and design.name == leading else cuts
        fits.append(fit_design(study, panel, design, cuts=own, workers=workers, kept=kept))
    evaluated = Evaluated(study=study, panel=panel, fits=tuple(fits), headline=leading)
    if study.settings.heterogeneity:
        log.say("learning who gains", 0.58)
        cates = kept.part(
            "individual effects", lambda: individual_effects(evaluated.leading, workers=workers)
        )
        evaluated = replace(evaluated, cates=cates)
    return evaluated, cuts


def _tables(
    evaluated: Evaluated, cuts: tuple[Segments, ...], findings: tuple[Finding, ...]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    from causal.evaluation._effects import Stops, effect_rows, period_rows, segment_rows

    stops = Stops.of(findings)
    rows = effect_rows(evaluated, cuts, stops)
    return rows, segment_rows(evaluated, cuts, rows), period_rows(evaluated, stops)


def manifest(content: dict[str, Any]) -> dict[str, Any]:
    """What identifies a run: hashes, fingerprints, versions and seeds."""
    return {
        "schema": 1,
        "study": {
            "name": content["study"]["name"],
            "file": content["study"]["file"],
            "hash": content["study"]["hash"],
        },
        "data": {
            key: content["data"][key] for key in ("source", "fingerprint", "rows_read", "rows")
        },
        "versions": content["versions"],
        "seed": content["study"]["seed"],
    }


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
    from causal.design.reading import read_study, runnable
    from causal.reporting._result import load, rounded

    saved = load(directory)
    file = study or _study_file(directory, saved.content)
    asked = runnable(read_study(file))
    panel = read_panel(asked)
    before, now = saved.content["data"]["fingerprint"], panel.provenance.fingerprint
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


class _Log:
    """Times of the stages, for the run log and the progress bar."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._start = time.perf_counter()
        self._lines: list[str] = []

    def say(self, what: str, share: float) -> None:
        self._lines.append(f"{time.perf_counter() - self._start:8.2f} s  {what}")
        if self._progress is not None:
            self._progress(what, share)

    def lines(self, study: Study, workers: int) -> tuple[str, ...]:
        where = [f"study: {study.path.resolve()}"] if study.path else []
        return (*where, *_commit(), f"workers: {workers}", *self._lines)


def _commit() -> list[str]:
    import subprocess

    try:
        done = subprocess.run(
            ("git", "rev-parse", "HEAD"),  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [f"commit: {done.stdout.strip()}"]
