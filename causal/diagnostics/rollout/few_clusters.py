"""Are there enough independent clusters behind the effects."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count, figure
from causal.diagnostics.rollout._made import Made

FEWEST = 5
FEW = 30


def check(made: Made) -> tuple[Finding, ...]:
    """Count treated and untreated clusters behind each overall effect.

    Under 30 of either is a WARN; under 5 the effect is refused, which is a FAIL of its rows.
    """
    if not made.looked:
        return ()
    one = min(made.looked, key=lambda each: min(each.treated, each.compared))
    least = min(one.treated, one.compared)
    status = Status.FAIL if least < FEWEST else Status.WARN if least < FEW else Status.PASS
    refused = sum(each.refused for each in made.looked)
    return (
        Finding(
            name="few clusters",
            status=status,
            meaning=f"{count(one.treated)} treated clusters are compared with {count(one.compared)} untreated or not yet treated ones "
            f"({figure(one.df, 2)} degrees of freedom)."
            + (
                f" {count(refused)} {'effect' if refused == 1 else 'effects'} with fewer than "
                f"{FEWEST} on a side {'is' if refused == 1 else 'are'} not shown."
                if refused
                else ""
            ),
            remedy=""
            if status is Status.PASS
            else "Roll out to finer entities, or name a finer cluster if those of the present one "
            "are independent.",
            statistic=float(least),
            threshold=float(FEWEST if status is Status.FAIL else FEW),
            blocks="design" if status is Status.FAIL else "none",
        ),
    )
