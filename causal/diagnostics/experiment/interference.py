"""Can what one arm is given be taken from another."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import together
from causal.data.moments.collected import Collected
from causal.diagnostics.experiment._planned import Planned

NAME = "shared pool"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Say when arms share one pool of exposure, as creators, advertisers and items do.

    No data are needed to know it: a slot that shows one creator shows no other. It is a WARN, since
    the difference between arms is measured well; it is only not what a full roll-out would do.
    """
    if not planned.pool_shared:
        return ()
    return (
        Finding(
            name=NAME,
            status=Status.WARN,
            meaning=(
                f"{together(collected.moments.arms)} draw on one pool of exposure: what one gains "
                "another may lose. The "
                "difference between arms is then larger than the effect of giving it to everyone, "
                "which may be zero; the global effect is not identified by this design."
            ),
            remedy=(
                "Assign the other side (users), whole markets, or both sides at once. If arms do "
                "not compete, say so: analysis.pool: separate."
            ),
        ),
    )
