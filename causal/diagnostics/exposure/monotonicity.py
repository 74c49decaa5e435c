"""Does the instrument move exposure the same way in every declared segment."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted, together
from causal.diagnostics._tail import holm
from causal.diagnostics.exposure._made import Made

SMALL = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Compare the sign of the first stage over segments; Holm over all of them.

    Segments in which exposure moves against its whole, with p < .05, are a WARN: the worth is then
    no average over those whose exposure was moved, since some count with a negative weight.
    """
    usable = [each for each in made.parts if np.isfinite(each.p)]
    if not usable:
        return ()
    whole = {each.arm: each.effect for each in made.first_stages if each.effect is not None}
    adjusted = holm(np.array([each.p for each in usable]))
    against = [
        (each, float(p))
        for each, p in zip(usable, adjusted, strict=True)
        if p < SMALL and each.effect * whole.get(each.arm, 0.0) < 0
    ]
    said = together(f"{quoted(each.segment)} {each.value}" for each, _ in against)
    return (
        Finding(
            name="monotonicity",
            status=Status.WARN if against else Status.PASS,
            meaning=(
                f"Exposure moves the other way in {said} (adjusted "
                f"{p_is(min(p for _, p in against))}): the worth is no average over those moved."
                if against
                else f"Exposure moves against its whole in none of {len(usable)} segments beyond "
                "chance. Within segments nobody can look."
            ),
            remedy="Read segments apart, each as a study of its own." if against else "",
            statistic=float(adjusted.min()),
            threshold=SMALL,
            columns=tuple(dict.fromkeys(each.segment for each, _ in against)),
            detail=tuple(
                {
                    "segment": each.segment,
                    "value": each.value,
                    "instrument": each.arm,
                    "effect on exposure": each.effect,
                    "std. error": each.error,
                    "units": each.units,
                    "adjusted p": float(p),
                }
                for each, p in zip(usable, adjusted, strict=True)
            ),
        ),
    )
