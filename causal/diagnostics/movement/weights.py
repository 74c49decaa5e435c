"""Do the weights average to one, as the ratio of two densities does."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import fixed, quoted, together
from causal.diagnostics.movement._made import Made

LOW, HIGH = 0.9, 1.1


def check(made: Made) -> tuple[Finding, ...]:
    """Average the weights that turn rows of one period into rows of the other, before scaling them.

    The right weights average one. Outside 0.9 to 1.1 the model of which period a row is from is
    wrong somewhere: a WARN.
    """
    if not made.reach:
        return ()
    off = [each for each in made.reach if not LOW <= each.weight <= HIGH]
    worst = max(made.reach, key=lambda each: max(each.weight, 1 / each.weight))
    names = together(quoted(each.node) for each in off)
    return (
        Finding(
            name="weights",
            status=Status.WARN if off else Status.PASS,
            meaning=(
                f"Weights that turn rows of one period into rows of the other average "
                f"{fixed(worst.weight, 2)} after {quoted(worst.node)}"
                + (
                    f", where the right ones average 1. The shares next to {names} lean on "
                    "the outcome model."
                    if off
                    else ", where they are farthest from the 1 that the right ones average."
                )
            ),
            remedy="Look at how the columns up to there differ between the periods." if off else "",
            statistic=worst.weight,
            threshold=HIGH if worst.weight > 1 else LOW,
            columns=tuple(each.node for each in off),
        ),
    )
