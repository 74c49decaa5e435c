"""Would one regression have said something else."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human, percent
from causal.diagnostics.rollout._made import Looked, Made, Weights

MOST = -0.1


def check(made: Made) -> tuple[Finding, ...]:
    """Look at the weights one regression with effects of entities and periods gives treated cells.

    Negative weights that add up to less than -0.1, or another sign than the effect's, are a WARN
    about that regression: nothing here is read from it.
    """
    return tuple(_finding(each, each.weights) for each in made.looked if each.weights is not None)


def _finding(looked: Looked, weights: Weights) -> Finding:
    off = weights.negative_sum < MOST or weights.turned
    shares = (
        f"{percent(weights.negative_share)} of treated cells get a negative weight there (in all "
        f"{figure(weights.negative_sum, 2)})"
        if weights.negative_sum < 0
        else "no treated cell gets a negative weight there"
    )
    return Finding(
        name="negative weights",
        status=Status.WARN if off else Status.PASS,
        meaning=f"One regression with effects of entities and periods would say {weights.words} for "
        f"{human(looked.outcome)}, where the effect is {weights.effect_words}; {shares}.",
        remedy="Do not report that regression for this rollout: it compares late adopters with early "
        "ones."
        if off
        else "",
        statistic=weights.negative_sum,
        threshold=MOST,
        columns=(looked.outcome,),
    )
