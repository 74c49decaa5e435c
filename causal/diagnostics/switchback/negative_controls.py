"""Negative controls: outcomes that a switch cannot have moved."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted
from causal.diagnostics.switchback._made import Made

FAIL, WARN = 0.001, 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Test the total on each: Holm; a p under 0.001 is a FAIL, under 0.05 a WARN."""
    tests = made.of("control")
    if not tests:
        return ()
    worst = min(tests, key=lambda each: each.p_adjusted)
    p = worst.p_adjusted
    status = Status.FAIL if p < FAIL else Status.WARN if p < WARN else Status.PASS
    return (
        Finding(
            name="negative controls",
            status=status,
            meaning=(
                "No outcome that the switch cannot have moved moves with it."
                if status is Status.PASS
                else f"{quoted(worst.outcome)} moves with the switch, which cannot have moved it "
                f"({p_is(p)}): something else is switched with it."
            ),
            remedy="" if status is Status.PASS else "Find what else changes at the same times.",
            statistic=p,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="page" if status is Status.FAIL else "none",
            columns=tuple(each.outcome for each in tests if each.p_adjusted < WARN),
            detail=tuple(
                {"outcome": each.outcome, "total": each.value, "std. error": each.std_error,
                 "p": each.p_adjusted}
                for each in tests
            ),
        ),
    )  # fmt: skip
