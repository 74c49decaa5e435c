"""May the change have reached the donors."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.diagnostics.single._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Say what donors stand for: a WARN where they share a pool, or the study does not say.

    Where neighbours are named, those with one that changed are no donors, and the rest pass.
    """
    if "synthetic" not in made.asked or not made.donors:
        return ()
    if made.apart or made.pool == "separate":
        how = "have no neighbour that changed" if made.apart else "do not share a pool with it"
        return (
            Finding(
                name="contamination",
                status=Status.PASS,
                meaning=f"By what the study says, the {made.entities} in the blend {how}.",
            ),
        )
    shared = made.pool == "shared"
    return (
        Finding(
            name="contamination",
            status=Status.WARN,
            meaning=(
                f"The {made.entities} in the blend share a pool with what changed: they may have lost "
                "what it gained, and one date does not tell that from what time does."
                if shared
                else f"The study does not say whether the {made.entities} in the blend share a pool "
                "with what changed. If they do, they may have lost what it gained."
            ),
            remedy="Name donors that the change cannot reach with single.donors, or neighbours with "
            "analysis.neighbours."
            if shared
            else "Write pool: separate or pool: shared, or name neighbours with analysis.neighbours.",
        ),
    )
