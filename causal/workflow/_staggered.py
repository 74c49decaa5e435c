"""``schedule: staggered``: group-time effects, their averages, and the checks of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.workflow._log import Log

if TYPE_CHECKING:
    from causal.reporting.rollout._content import Answer


def findings_of(study: Rollout, cells: Cells) -> tuple[Finding, ...]:  # noqa: ARG001
    """What can be said of the cells before anything is estimated."""
    return ()


def answer_of(study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> Answer:  # noqa: ARG001
    """Estimate the effects of every outcome."""
    from causal.estimation.rollout.aggregates import aggregates
    from causal.estimation.rollout.group_time import group_time
    from causal.policy.said import Said
    from causal.reporting.rollout._content import Answer
    from causal.reporting.rollout._rows import rows_of

    effects = []
    for outcome in study.outcomes:
        found = group_time(
            cells,
            outcome.name,
            control=study.analysis.control,
            anticipation=study.analysis.anticipation,
        )
        overall = aggregates(found, cells, "overall", name=study.study)
        effects += rows_of(study, overall, f"overall of {outcome.name}")
    said = Said(title="What the rollout did", subtitle="", state="estimated", greyed=False)
    return Answer(own={}, effects=effects, said=said)
