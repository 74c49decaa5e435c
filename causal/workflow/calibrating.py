"""Known effects planted in the study's own table."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from causal.base.errors import StudyError
from causal.base.kept import Kept
from causal.base.workers import available_cores, each
from causal.data.panel import Panel
from causal.design.design import headline
from causal.design.reading import Asked, asked, of_attributes
from causal.design.study import Study
from causal.workflow._log import Log, Progress
from causal.workflow.attributes import identify, read_panel

if TYPE_CHECKING:
    import pandas as pd

    from causal.evaluation._recovery import Recovered
    from causal.reporting._calibration import Calibration


def calibrate(
    study: Asked,
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
        What is asked, or its file; its headline design is calibrated.
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
    study = of_attributes(asked(study))
    log = Log(progress)
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
    study: Study, panel: Panel, runs: int, workers: int, log: Log, kept: Kept
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
