"""Any study, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.base.workers import available_cores
from causal.design.experiment import Experiment
from causal.design.exposure import Exposure
from causal.design.kinds import AnyStudy
from causal.design.movement import Movement
from causal.design.reading import Asked, asked
from causal.design.rollout import Rollout
from causal.design.study import Study
from causal.design.two_sided import TwoSided
from causal.workflow._log import Log, Progress

if TYPE_CHECKING:
    import pandas as pd

    from causal.reporting._result import Result


def run(
    study: Asked,
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
        What is asked, or the study file it is written in.
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

    study = asked(study)
    log = Log(progress)
    log.say("reading", 0.0)
    kept = Kept(folder=keep)
    try:
        with threadpool_limits(limits=1):
            cores = workers or available_cores()
            result = _of(study).answer_of(study, table, cores, log, kept)
    except Exception:
        kept.forget()
        raise
    kept.forget()
    return result


class Workflow(Protocol):
    """What the module of a kind of study gives."""

    def answer_of(
        self, study: Any, table: pd.DataFrame | None, workers: int, log: Log, kept: Kept
    ) -> Result:
        """Estimate, test, interpret, decide."""

    def findings_of(self, study: Any, table: pd.DataFrame | None) -> tuple[Finding, ...]:
        """Verify roles and design."""

    def fingerprint_of(self, study: Any) -> str:
        """What its data are, whatever is asked of them."""


_HOMES: Mapping[type, str] = {
    Study: "causal.workflow.attributes",
    Experiment: "causal.workflow.experiments",
    TwoSided: "causal.workflow.two_sided",
    Rollout: "causal.workflow.rollouts",
    Movement: "causal.workflow.movements",
    Exposure: "causal.workflow.exposures",
}


def _of(study: AnyStudy) -> Workflow:
    return cast("Workflow", import_module(_HOMES[type(study)]))


def check(study: Asked, *, table: pd.DataFrame | None = None) -> tuple[Finding, ...]:
    """Read the data and verify roles and design; estimate nothing.

    Returns
    -------
    tuple of Finding
        FAIL first.
    """
    from causal.reporting._content import ordered

    study = asked(study)
    return tuple(ordered(_of(study).findings_of(study, table)))


def fingerprint(study: AnyStudy) -> str:
    """What a study's data are, whatever is asked of them."""
    return _of(study).fingerprint_of(study)
