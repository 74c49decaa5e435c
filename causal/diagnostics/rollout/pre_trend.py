"""Did adopters and others move alike before adoption."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count, figure, human, p_is, percent
from causal.diagnostics.rollout._made import Looked, Made, Trend

SURE, LIKELY = 0.01, 0.05
LARGE = 0.5


def check(made: Made) -> tuple[Finding, ...]:
    """Test each outcome jointly over the periods before adoption.

    p < 0.01 is a FAIL: its effects are not estimable. p < 0.05 is a WARN, as is a test that would
    miss, half of the time, a drift that makes up more than half of an effect that is clear, or of
    a margin that is said to be kept (Roth 2022), and one that cannot be made.
    """
    return tuple(_finding(each) for each in made.looked)


def _finding(looked: Looked) -> Finding:
    trend, outcome = looked.trend, human(looked.outcome)
    if trend is None:
        return Finding(
            name="pre-trend",
            status=Status.WARN,
            meaning=f"Whether {outcome} moved alike before adoption cannot be tested: there is no "
            "second period before it, or too few clusters.",
            remedy="Bring earlier periods.",
            columns=(looked.outcome,),
        )
    blind = (looked.clear and (trend.share or 0.0) > LARGE) or (
        looked.inside and (trend.of_margin or 0.0) > LARGE
    )
    status = (
        Status.FAIL
        if trend.p_value < SURE
        else Status.WARN
        if trend.p_value < LIKELY or blind
        else Status.PASS
    )
    apart = trend.p_value < LIKELY
    said = (
        f"{outcome[:1].upper() + outcome[1:]} of adopters and others moved apart over the "
        f"{count(trend.periods)} periods before adoption ({p_is(trend.p_value)})."
        if apart
        else f"{outcome[:1].upper() + outcome[1:]} shows no difference over the "
        f"{count(trend.periods)} periods before adoption ({p_is(trend.p_value)})."
    )
    return Finding(
        name="pre-trend",
        status=status,
        meaning=f"{said} {_power(looked, trend)}".rstrip(),
        remedy=_remedy(status),
        statistic=trend.statistic,
        threshold=None,
        blocks="design" if status is Status.FAIL else "none",
        columns=(looked.outcome,),
    )


def _power(looked: Looked, trend: Trend) -> str:
    """What the test would have missed, beside what is claimed."""
    if trend.found is None:
        return ""
    words = (
        f"A drift of {trend.found_words} a period would be missed half of the time; over the "
        f"{figure(trend.over, 2)} periods to the mean treated one it would make up "
    )
    part = percent(trend.share) if trend.share is not None else "an unknown part"
    parts = (
        [f"{percent(trend.of_margin)} of the margin"] if looked.inside and trend.of_margin else []
    )
    if looked.clear or not parts:
        parts = [f"{part} of the effect", *parts]
    return f"{words}{' and '.join(parts)}."


def _remedy(status: Status) -> str:
    return {
        Status.PASS: "",
        Status.WARN: "Read the bounds on trends beside the effect, and bring more periods before "
        "adoption.",
        Status.FAIL: "Look what else differs between those that adopt early and late; name it as a "
        "covariate or a block, or compare within those that moved alike.",
    }[status]
