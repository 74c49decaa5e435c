"""Does the effect come at once."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import human
from causal.diagnostics.rollout._made import Made

HALF = 0.5


def check(made: Made) -> tuple[Finding, ...]:
    """Say where the effect in the period of adoption is less than half of the later ones.

    A note on how to read averages, never a warning.
    """
    return tuple(
        Finding(
            name="ramp",
            status=Status.PASS,
            meaning=f"The effect on {human(each.outcome)} is {each.ramp.first} in the period of "
            f"adoption and {each.ramp.later} on average after it: averages grow with the periods "
            "looked at.",
            statistic=each.ramp.share,
            threshold=HALF,
            columns=(each.outcome,),
        )
        for each in made.looked
        if each.ramp is not None and each.clear and each.ramp.share < HALF
    )
