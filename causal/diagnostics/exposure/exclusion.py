"""Did the instrument change anything else on the way to the outcome."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, quoted, together
from causal.diagnostics._tail import holm
from causal.diagnostics.exposure._made import Made

SURE = 0.01


def check(made: Made) -> tuple[Finding, ...]:
    """Test the effect of the instrument on every column of the slate; Holm over all of them.

    p < .01 is a WARN: part of what the instrument did to the outcome came by another way than
    exposure, which the worth then holds as well.
    """
    if not made.slate:
        return ()
    adjusted = holm(np.array([each.p for each in made.slate]))
    moved = dict.fromkeys(
        each.name for each, p in zip(made.slate, adjusted, strict=True) if p < SURE
    )
    least = float(adjusted.min())
    named = together(quoted(human(name)) for name in moved)
    looked = together(
        quoted(human(name)) for name in dict.fromkeys(each.name for each in made.slate)
    )
    return (
        Finding(
            name="exclusion",
            status=Status.WARN if moved else Status.PASS,
            meaning=(
                f"The instrument also changed {named} (adjusted {p_is(least)}): the worth of "
                f"{quoted(made.exposure)} holds what came of that too."
                if moved
                else f"The instrument did not change {looked} beyond chance (least adjusted "
                f"{p_is(least)}). What nobody logged stays unseen."
            ),
            remedy=_REMEDY if moved else "",
            statistic=least,
            threshold=SURE,
            columns=tuple(moved),
            detail=tuple(
                {
                    "column": each.name,
                    "instrument": each.arm,
                    "effect": each.effect,
                    "std. error": each.error,
                    "adjusted p": float(p),
                }
                for each, p in zip(made.slate, adjusted, strict=True)
            ),
        ),
    )


_REMEDY = (
    "Read the worth as that of the whole change; with several arms hold the slate "
    "(analysis.exclusion: adjust); or use an instrument that moves exposure alone."
)
