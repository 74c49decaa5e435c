"""Any study, by its kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.base.workers import available_cores
from causal.design.experiment import Experiment
from causal.design.reading import Asked, asked
from causal.design.study import Study
from causal.design.two_sided import TwoSided
from causal.workflow._log import Log, Progress
from causal.workflow.attributes import answer, diagnose, identify, read_panel

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
            result = _result(study, table, workers or available_cores(), log, kept)
    except Exception:
        kept.forget()
        raise
    kept.forget()
    return result


def _result(
    study: Study | Experiment | TwoSided,
    table: pd.DataFrame | None,
    workers: int,
    log: Log,
    kept: Kept,
) -> Result:
    if isinstance(study, Experiment):
        from causal.workflow.experiments import readout

        return readout(study, table, workers, log)
    if isinstance(study, TwoSided):
        from causal.workflow import two_sided

        return two_sided.readout(study, table, workers, log)
    return answer(study, read_panel(study, table), workers, log, kept)


def check(study: Asked, *, table: pd.DataFrame | None = None) -> tuple[Finding, ...]:
    """Read the data and verify roles and design; estimate nothing.

    Returns
    -------
    tuple of Finding
        FAIL first.
    """
    from causal.reporting._content import ordered

    study = asked(study)
    if isinstance(study, Experiment):
        from causal.workflow.experiments import collected, gate

        return tuple(ordered(gate(study, collected(study, table))))
    if isinstance(study, TwoSided):
        from causal.workflow import two_sided

        return tuple(ordered(two_sided.gate(study, two_sided.collected(study, table))))
    panel = read_panel(study, table)
    identify(study, panel)
    return tuple(ordered(diagnose(study, panel)))


def fingerprint(study: Study | Experiment | TwoSided) -> str:
    """What a study's data are, whatever is asked of them."""
    if isinstance(study, Experiment):
        from causal.workflow.experiments import collected

        return collected(study).provenance.fingerprint
    if isinstance(study, TwoSided):
        from causal.workflow import two_sided

        return two_sided.collected(study).provenance.fingerprint
    return read_panel(study).provenance.fingerprint
