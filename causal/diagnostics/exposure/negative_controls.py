"""Does the instrument move what exposure cannot have changed."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, quoted, together
from causal.diagnostics._tail import GATE, holm
from causal.diagnostics.exposure._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Test the effect of the instrument on negative controls; Holm, p < .001 is a FAIL.

    An instrument that moves what was settled before it was not drawn by chance, or units were lost
    unevenly: its effects carry no claim.
    """
    if not made.controls:
        return ()
    adjusted = holm(np.array([each.p for each in made.controls]))
    moved = dict.fromkeys(
        each.name for each, p in zip(made.controls, adjusted, strict=True) if p < GATE
    )
    least = float(adjusted.min())
    named = together(quoted(human(name)) for name in moved)
    return (
        Finding(
            name="negative controls",
            status=Status.FAIL if moved else Status.PASS,
            meaning=(
                f"The instrument goes with {named}, which exposure cannot have changed (adjusted "
                f"{p_is(least)}): it was not drawn by chance, or units were lost unevenly."
                if moved
                else f"The instrument goes with no negative control (least adjusted {p_is(least)})."
            ),
            remedy="Look how the instrument was assigned, and for units lost on one side."
            if moved
            else "",
            statistic=least,
            threshold=GATE,
            blocks="page" if moved else "none",
            columns=tuple(moved),
        ),
    )
