"""A study of exposure: what moved it, whether it moved enough, what a unit is worth, page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.design.exposure import Exposure
from causal.workflow._log import Log
from causal.workflow._manifest import manifest

if TYPE_CHECKING:
    import pandas as pd

    from causal.reporting._result import Result
    from causal.reporting.exposure._run import Parts


def findings_of(study: Exposure, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check that looks at no outcome."""
    return _parts(study, table, outcomes=False, workers=1).findings


def fingerprint_of(study: Exposure) -> str:
    """What its data are, whatever is asked of them."""
    return _parts(study, None, outcomes=False, workers=1).provenance.fingerprint


def answer_of(
    study: Exposure, table: pd.DataFrame | None, workers: int, log: Log, _kept: Kept
) -> Result:
    """Collect, check, estimate, say."""
    from causal.reporting._result import Result
    from causal.reporting.exposure._content import content

    parts = _parts(study, table, outcomes=True, workers=workers)
    log.say("writing", 0.9)
    made = content(parts)
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def _parts(study: Exposure, table: pd.DataFrame | None, *, outcomes: bool, workers: int) -> Parts:
    if study.design == "exploration":
        from causal.workflow._by_exploration import by_exploration

        return by_exploration(study, table, outcomes=outcomes)
    if study.design == "threshold":
        from causal.workflow._by_threshold import by_threshold

        return by_threshold(study, table, outcomes=outcomes)
    from causal.workflow._by_experiment import by_experiment

    return by_experiment(study, table, outcomes=outcomes, workers=workers)
