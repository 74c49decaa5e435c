"""Is the experiment analysed as its locked plan says."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.data.moments.collected import Collected
from causal.diagnostics.experiment._planned import Planned

NAME = "locked plan"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:  # noqa: ARG001
    """List what departs from the locked plan; nothing where no plan is locked."""
    found = planned.deviations
    if found is None:
        return ()
    if not found:
        late = " It was locked when outcomes were in the table already." * planned.locked_late
        said = f"Nothing departs from the locked plan.{late}"
        return (Finding(name=NAME, status=Status.PASS, meaning=said, statistic=0.0),)
    return (
        Finding(
            name=NAME,
            status=Status.WARN,
            meaning=f"The study departs from its locked plan: {'; '.join(found)}.",
            remedy="Put the study back as it was planned, or say why it was changed.",
            statistic=float(len(found)),
            threshold=0.0,
        ),
    )
