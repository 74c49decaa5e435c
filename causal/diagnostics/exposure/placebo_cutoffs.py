"""Does the outcome jump where nothing is given."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import p_is
from causal.diagnostics._tail import holm
from causal.diagnostics.exposure._made import Made

SMALL = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Test the jump of the first outcome at placebo cutoffs; Holm, p < .05 is a WARN."""
    if not made.placebos:
        return ()
    adjusted = holm(np.array([each.p for each in made.placebos]))
    least = float(adjusted.min())
    jumps = least < SMALL
    return (
        Finding(
            name="placebo cutoffs",
            status=Status.WARN if jumps else Status.PASS,
            meaning=(
                f"The outcome jumps at a cutoff where nothing is given (adjusted {p_is(least)}): the "
                "lines do not follow how it goes with the score."
                if jumps
                else f"The outcome does not jump where nothing is given (least adjusted {p_is(least)})."
            ),
            remedy="Look at half the bandwidth, and at what else the score decides."
            if jumps
            else "",
            statistic=least,
            threshold=SMALL,
            detail=tuple(
                {
                    "cutoff": each.arm,
                    "jump": each.effect,
                    "std. error": each.error,
                    "adjusted p": float(p),
                }
                for each, p in zip(made.placebos, adjusted, strict=True)
            ),
        ),
    )
