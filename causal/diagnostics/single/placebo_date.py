"""Is there an effect of a date at which nothing changed."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, quoted
from causal.diagnostics._tail import holm
from causal.diagnostics.single._made import Made
from causal.diagnostics.single.few_periods import NAMES

FAIL, WARN = 0.01, 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Date the change half-way through the time before it, by each method: Holm over all.

    A p under 0.01 is a FAIL of that method on that outcome, under 0.05 a WARN.
    """
    tests = [(each.outcome, early) for each in made.looked for early in each.early]
    if not tests:
        return ()
    p = holm(np.array([early.p_value for _, early in tests]))
    worst = int(np.argmin(p))
    outcome, early = tests[worst]
    least = float(p[worst])
    status = Status.FAIL if least < FAIL else Status.WARN if least < WARN else Status.PASS
    failed = [(name, each.method) for (name, each), own in zip(tests, p, strict=True) if own < FAIL]
    return (
        Finding(
            name="placebo date",
            status=status,
            meaning=(
                f"Had the change been in {early.period}, when nothing changed, no effect would have "
                "been seen."
                if status is Status.PASS
                else f"Had the change been in {early.period}, when nothing changed, an effect on "
                f"{quoted(human(outcome))} would have been seen against {NAMES[early.method]} "
                f"({p_is(least)})."
            ),
            remedy=""
            if status is Status.PASS
            else "Look for another change before this one, a season, or a trend that donors lack.",
            statistic=least,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="design" if status is Status.FAIL else "none",
            designs=tuple(f"{method} of {name}" for name, method in failed),
            columns=tuple(dict.fromkeys(name for name, _ in failed)),
            detail=tuple(
                {"outcome": name, "against": NAMES[each.method], "date": each.period,
                 "effect": each.value, "std. error": each.std_error, "p": float(own)}
                for (name, each), own in zip(tests, p, strict=True)
            ),
        ),
    )  # fmt: skip
