"""Does anything known before jump at the cutoff."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, quoted, together
from causal.diagnostics._tail import holm
from causal.diagnostics.exposure._made import Made

SMALL = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Test the jump of each covariate and negative control; Holm, p < .05 is a FAIL.

    What was settled before the score was compared cannot jump; where it does, those just above
    differ from those just below in more than exposure.
    """
    return (*_tested(made), *_untested(made))


def _untested(made: Made) -> tuple[Finding, ...]:
    if not made.untested:
        return ()
    said = together(f"{quoted(human(name))} ({why})" for name, why in made.untested)
    return (
        Finding(
            name="continuity not known",
            status=Status.WARN,
            meaning=f"Whether it jumps at the cutoff cannot be told of {said}.",
            remedy="Look at the column, or leave it out.",
            columns=tuple(name for name, _ in made.untested),
        ),
    )


def _tested(made: Made) -> tuple[Finding, ...]:
    if not made.continuity:
        return ()
    adjusted = holm(np.array([each.p for each in made.continuity]))
    jumped = [each.name for each, p in zip(made.continuity, adjusted, strict=True) if p < SMALL]
    least = float(adjusted.min())
    return (
        Finding(
            name="continuity",
            status=Status.FAIL if jumped else Status.PASS,
            meaning=(
                f"{together(quoted(human(name)) for name in jumped)} jumps at the cutoff, though "
                f"it was settled before (adjusted {p_is(least)}): those above differ from those "
                "below in more than exposure."
                if jumped
                else "Nothing that was settled before jumps at the cutoff (least adjusted "
                f"{p_is(least)})."
            ),
            remedy="Look what else is decided at the cutoff." if jumped else "",
            statistic=least,
            threshold=SMALL,
            blocks="page" if jumped else "none",
            columns=tuple(jumped),
            detail=tuple(
                {
                    "column": each.name,
                    "jump": each.effect,
                    "std. error": each.error,
                    "adjusted p": float(p),
                }
                for each, p in zip(made.continuity, adjusted, strict=True)
            ),
        ),
    )
