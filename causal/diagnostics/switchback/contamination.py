"""May what is on take from what is off."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.diagnostics.switchback._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Say what a comparison of cells means where they share what is given out: a WARN.

    A switchback cannot measure it: with everything off there is nothing to compare with.
    """
    if made.pool == "separate":
        return ()
    shared = made.pool == "shared"
    return (
        Finding(
            name="contamination",
            status=Status.WARN,
            meaning=(
                f"{made.entity.capitalize()} share what is given out: those that are on may take from "
                "those that are off. The effect is on against off side by side, not everything on "
                "against nothing on."
                if shared
                else f"The study does not say whether {made.entity} share what is given out, as "
                "attention or items. If they do, those that are on may take from those that are off."
            ),
            remedy=(
                "Switch what shares a pool as one, or run a test with all on in some weeks."
                if shared
                else "Write pool: separate or pool: shared."
            ),
        ),
    )
