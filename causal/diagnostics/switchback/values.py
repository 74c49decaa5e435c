"""Has an outcome a value wherever there are rows, whether on or off."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, percent, quoted
from causal.diagnostics.switchback._made import Made

FAIL = 0.001


def check(made: Made) -> tuple[Finding, ...]:
    """Test what being on does to whether a cell with rows has a value.

    Holm over outcomes: p under 0.001 is a FAIL, since who is missing may then be what moves the
    numbers. Values missing alike are a WARN.
    """
    tests = made.of("value")
    if not tests:
        return ()
    worst = min(tests, key=lambda each: each.p_adjusted)
    failed = worst.p_adjusted < FAIL
    more = "lacks a value more often" if worst.value < 0 else "lacks a value less often"
    return (
        Finding(
            name="values",
            status=Status.FAIL if failed else Status.WARN,
            meaning=(
                f"While on, {quoted(worst.outcome)} {more} than while off, by "
                f"{percent(abs(worst.value))} of cells ({p_is(worst.p_adjusted)})."
                if failed
                else "Some cells with rows have no value; being on does not change how many."
            ),
            remedy="Look why values are missing; write 0 where nothing happened, or cut longer periods.",
            statistic=worst.p_adjusted,
            threshold=FAIL,
            blocks="design" if failed else "none",
            designs=("switchback",) if failed else (),
            columns=tuple(each.outcome for each in tests if each.p_adjusted < FAIL),
            detail=tuple(
                {"outcome": each.outcome, "change": each.value, "std. error": each.std_error}
                for each in tests
            ),
        ),
    )
