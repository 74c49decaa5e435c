"""Does a period act longer than the study says."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted
from causal.diagnostics.switchback._made import Made

FAIL, WARN = 0.01, 0.05
MORE = 2


def check(made: Made) -> tuple[Finding, ...]:
    """Test how much the total grows with one lag more: Holm over outcomes.

    A p under 0.01 is a FAIL, under 0.05 a WARN: a period acts longer than ``carry.periods``, so that
    neither what it does at once nor in all is right.
    """
    tests = made.of("next")
    if not tests:
        return ()
    worst = min(tests, key=lambda each: each.p_adjusted)
    p = worst.p_adjusted
    status = Status.FAIL if p < FAIL else Status.WARN if p < WARN else Status.PASS
    reach = f"{made.periods} {made.period}" if made.periods else f"no later {made.period}"
    return (
        Finding(
            name="carry-over",
            status=status,
            meaning=(
                f"One period more than the declared reach ({reach}) adds nothing that stands out "
                f"({p_is(p)})."
                if status is Status.PASS
                else f"A period acts longer than the declared reach ({reach}): the total effect on "
                f"{quoted(worst.outcome)} changes with one lag more ({p_is(p)})."
            ),
            remedy=""
            if status is Status.PASS
            else f"Set carry.periods to {made.periods + 1} or {made.periods + MORE}, and read the "
            "total, not what is there at once.",
            statistic=p,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="design" if status is Status.FAIL else "none",
            designs=("switchback",) if status is Status.FAIL else (),
            columns=tuple(each.outcome for each in tests if each.p_adjusted < WARN),
            detail=tuple(
                {"outcome": each.outcome, "one lag more": each.value, "std. error": each.std_error,
                 "p": each.p_adjusted}
                for each in tests
            ),
        ),
    )  # fmt: skip
