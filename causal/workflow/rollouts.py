"""A study of a rollout: cells, checks, then what its schedule makes of them.

Each schedule is a module with two functions:

``findings_of(study, cells) -> tuple[Finding, ...]``
    What can be said of the cells before anything is estimated; ``causal check`` shows it.
``answer_of(study, cells, workers, log, kept) -> Answer``
    Estimates, their checks and the title. ``Answer.own`` stands in the result under the name of the
    schedule; sections of :mod:`causal.reporting.rollout` that read it return None without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.kept import Kept
from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.workflow._log import Log
from causal.workflow._manifest import manifest

if TYPE_CHECKING:
    import pandas as pd

    from causal.reporting._result import Result
    from causal.reporting.rollout._content import Answer

_HOMES: Mapping[str, str] = {
    "staggered": "causal.workflow._staggered",
    "switchback": "causal.workflow._switchback",
    "single": "causal.workflow._single",
}


class Schedule(Protocol):
    """What the module of a schedule gives."""

    def findings_of(self, study: Rollout, cells: Cells) -> tuple[Finding, ...]:
        """Check the cells as far as the schedule asks more of them."""

    def answer_of(self, study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> Answer:
        """Estimate, check the estimates, and say what they mean."""


def cells_of_study(study: Rollout, table: pd.DataFrame | None = None) -> Cells:
    """Sum up what the study names, in the engine that holds it."""
    from causal.data.cells.collect import collect_cells
    from causal.design.rollout_request import cells_request

    return collect_cells(cells_request(study), frame=table)


def findings_of(study: Rollout, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check of the cells."""
    cells = cells_of_study(study, table)
    return (*_checks(cells), *_of(study).findings_of(study, cells))


def fingerprint_of(study: Rollout) -> str:
    """What its data are, whatever is asked of them."""
    source = cells_of_study(study).provenance
    return source.fingerprint if source else ""


def answer_of(
    study: Rollout, table: pd.DataFrame | None, workers: int, log: Log, kept: Kept
) -> Result:
    """Sum up, check, estimate, say."""
    from causal.reporting._content import study_hash, versions
    from causal.reporting._result import Result
    from causal.reporting.rollout._content import content, taken_off

    cells = cells_of_study(study, table)
    log.say("checking the cells", 0.1)
    findings = _checks(cells)
    source = cells.provenance
    key = f"{study_hash(study)}/{source and source.fingerprint}/{sorted(versions().items())}"
    kept = replace(kept, key=key)
    answer = _of(study).answer_of(study, cells, workers, log, kept)
    stops = [each for each in findings if each.status is Status.FAIL and each.blocks == "page"]
    if stops:
        answer = taken_off(study, answer, stops[0])
    log.say("writing", 0.95)
    made = content(study, cells, findings, answer)
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def _checks(cells: Cells) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.diagnostics.cells").values()
        for finding in member.check(cells)
    )


def _of(study: Rollout) -> Schedule:
    return cast("Schedule", import_module(_HOMES[study.schedule]))
