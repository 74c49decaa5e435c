"""Did the count itself change with the launch."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human, quoted
from causal.diagnostics.single._made import Made

MOST = 4.0


def check(made: Made) -> tuple[Finding, ...]:
    """Look for a step in the log of rows or denominators: beyond 4 errors a WARN."""
    looked = [(each.outcome, each.jump) for each in made.looked if each.jump is not None]
    if not looked:
        return ()
    outcome, jump = max(looked, key=lambda each: abs(each[1]))
    moved = abs(jump) > MOST
    return (
        Finding(
            name="logging",
            status=Status.WARN if moved else Status.PASS,
            meaning=(
                f"What {quoted(human(outcome))} is a mean of {'rises' if jump > 0 else 'falls'} by "
                f"{figure(abs(jump), 2)} errors at the launch: the count itself changed."
                if moved
                else "What outcomes are means of does not jump at the launch."
            ),
            remedy="Look whether the log changed at the same date; measure the count as an outcome."
            if moved
            else "",
            statistic=abs(jump),
            threshold=MOST,
            columns=(outcome,) if moved else (),
        ),
    )
