"""Does being on change what an outcome is a mean of."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import percent, quoted
from causal.diagnostics.switchback._made import Made

MOST = 4.0


def check(made: Made) -> tuple[Finding, ...]:
    """Test what being on does to the log of each denominator: beyond 4 standard errors a WARN.

    Then others are counted while on than while off, and a ratio may move though nobody acts
    differently.
    """
    tests = made.of("size")
    if not tests:
        return ()
    sizes = [abs(each.value) / each.std_error if each.std_error > 0 else 0.0 for each in tests]
    worst = max(range(len(tests)), key=sizes.__getitem__)
    moved = sizes[worst] > MOST
    each = tests[worst]
    return (
        Finding(
            name="denominators",
            status=Status.WARN if moved else Status.PASS,
            meaning=(
                f"While on, there is {percent(abs(each.value))} {'more' if each.value > 0 else 'less'} "
                f"of what {quoted(each.outcome)} is a share of: others are counted than while off."
                if moved
                else "What ratios are a share of does not change with the switch."
            ),
            remedy=(
                "Look whether the switch changes what is logged; measure the denominator as an outcome "
                "of its own."
                if moved
                else ""
            ),
            statistic=sizes[worst],
            threshold=MOST,
            columns=(each.outcome,) if moved else (),
            detail=tuple(
                {"outcome": one.outcome, "log change": one.value, "std. error": one.std_error}
                for one in tests
            ),
        ),
    )
