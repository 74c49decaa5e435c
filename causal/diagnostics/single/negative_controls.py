"""Negative controls: outcomes that the change cannot have moved."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, quoted
from causal.diagnostics.single._made import Made
from causal.diagnostics.single.few_periods import NAMES

FAIL, WARN = 0.001, 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Look at the effect on each by each method, Holm: under 0.001 a FAIL, under 0.05 a WARN."""
    if not made.controls:
        return ()
    worst = min(made.controls, key=lambda each: each.p_adjusted)
    p = worst.p_adjusted
    status = Status.FAIL if p < FAIL else Status.WARN if p < WARN else Status.PASS
    return (
        Finding(
            name="negative controls",
            status=status,
            meaning=(
                "No outcome that the change cannot have moved moved with it."
                if status is Status.PASS
                else f"{quoted(human(worst.outcome))}, which the change cannot have moved, moved "
                f"against {NAMES[worst.method]} ({p_is(p)}): something else happened at that date."
            ),
            remedy="" if status is Status.PASS else "Find what else changed at that date.",
            statistic=p,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="page" if status is Status.FAIL else "none",
            columns=tuple(dict.fromkeys(each.outcome for each in made.controls if each.p_adjusted < WARN)),
            detail=tuple(
                {"outcome": each.outcome, "against": NAMES[each.method], "effect": each.value,
                 "std. error": each.std_error, "p": each.p_adjusted}
                for each in made.controls
            ),
        ),
    )  # fmt: skip
