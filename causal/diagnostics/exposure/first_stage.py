"""Does the instrument move the exposure enough to tell what exposure is worth."""

from __future__ import annotations

from math import isfinite

from causal.base.finding import Finding, Status
from causal.content.wording import fixed, quoted, together
from causal.diagnostics.exposure._made import FirstStage, Made

NAME = "first stage"


def check(made: Made) -> tuple[Finding, ...]:
    """Hold the first-stage F of each instrument against the one from which a point is shown.

    Under it a WARN: the set of values holds all the same, and no estimate is given. Where the set
    of the leading outcome has no bounds, a FAIL that stops nothing: no claim is made.
    """
    known = [each for each in made.first_stages if each.f is not None]
    if not known:
        return ()
    whole = known[-1]
    f = float(whole.f or 0.0)
    unbounded = whole.bounded is False
    weak = f < made.strong
    status = Status.FAIL if unbounded else Status.WARN if weak else Status.PASS
    named = "The instruments together move" if len(known) > 1 else "The instrument moves"
    told = (
        f"{named} {quoted(made.exposure)} with F {fixed(f, 1)}"
        if isfinite(f)
        else f"{quoted(made.exposure)} is the same for all units of an arm, and differs by arm"
    )
    asked = fixed(made.strong, 0)
    means = {
        Status.PASS: f"{told}, where {asked} is asked." if isfinite(f) else f"{told}.",
        Status.WARN: f"{told}, where {asked} is asked for an estimate: only the set of values "
        "that are consistent with the data is given.",
        Status.FAIL: f"{told}: the values that are consistent with the data have no bound, so no "
        "claim is made.",
    }
    return (
        Finding(
            name=NAME,
            status=status,
            meaning=means[status],
            remedy="" if status is Status.PASS else _REMEDY,
            statistic=f if isfinite(f) else None,
            threshold=made.strong,
            blocks="none",
            columns=() if status is Status.PASS else (made.exposure,),
            detail=tuple(_row(each) for each in made.first_stages),
        ),
        *_refused(made),
    )


_REMEDY = (
    "Collect more units, or use an instrument that moves exposure more. A longer list of weak "
    "instruments does not help."
)


def _row(each: FirstStage) -> dict[str, str | float | None]:
    return {
        "instrument": each.arm,
        "effect on exposure": each.effect,
        "std. error": each.error,
        "F": each.f if each.f is None or isfinite(each.f) else None,
    }


def _refused(made: Made) -> tuple[Finding, ...]:
    without = [each for each in made.first_stages if each.f is None]
    if not without:
        return ()
    said = together(f"{each.arm} ({each.why})" for each in without)
    return (
        Finding(
            name=f"{NAME} not known",
            status=Status.WARN,
            meaning=f"How far it moves exposure cannot be told of {said}.",
            remedy="Look at the counts of the arms, and at the column of the exposure.",
        ),
    )
