"""Does the next period's switch show in this period's outcome."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted
from causal.diagnostics.switchback._made import Made

FAIL, WARN = 0.001, 0.01


def check(made: Made) -> tuple[Finding, ...]:
    """Test what being on in the next period does to the present one: Holm over outcomes.

    A fair draw knows nothing of the past. A p under 0.001 is a FAIL, under 0.01 a WARN: the switch
    follows the outcome, or acts before its time.
    """
    tests = made.of("before")
    if not tests:
        return ()
    worst = min(tests, key=lambda each: each.p_adjusted)
    p = worst.p_adjusted
    status = Status.FAIL if p < FAIL else Status.WARN if p < WARN else Status.PASS
    return (
        Finding(
            name="balance",
            status=status,
            meaning=(
                "What is on next does not show in the period before."
                if status is Status.PASS
                else f"{quoted(worst.outcome)} differs already in the period before one that is on "
                f"({p_is(p)}): the switch follows the outcome, or acts before its time."
            ),
            remedy=""
            if status is Status.PASS
            else "Look at how the switch was drawn, and whether periods are cut where it is switched.",
            statistic=p,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="page" if status is Status.FAIL else "none",
            columns=tuple(each.outcome for each in tests if each.p_adjusted < WARN),
            detail=tuple(
                {"outcome": each.outcome, "before": each.value, "std. error": each.std_error,
                 "p": each.p_adjusted}
                for each in tests
            ),
        ),
    )  # fmt: skip
