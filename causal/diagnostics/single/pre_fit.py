"""Does the blend follow those that changed, before they did."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human, percent, quoted
from causal.diagnostics.single._made import Blended, Made

FAIL, WARN = 0.5, 0.25
WORSE, BAD = 2.0, 1.5


def check(made: Made) -> tuple[Finding, ...]:
    """Measure the distance from the blend before the change, against the outcome's own spread.

    Over half of it is a FAIL, over a quarter a WARN, unless donors in the place of the changed one
    fit about as badly (the median within 2 and 1.5 times): the distance is then noise that all have,
    and is in the error.
    """
    looked = [(each.outcome, each.blended) for each in made.looked if each.blended is not None]
    if not looked:
        return ()
    ranked = sorted(looked, key=lambda each: _rank(each[1]), reverse=True)
    outcome, worst = ranked[0]
    status = _status(worst)
    share = worst.fit / worst.spread if worst.spread > 0 else 0.0
    against = (
        f", {figure(worst.fit / worst.usual, 2)} times what donors fit each other"
        if worst.usual
        else ""
    )
    return (
        Finding(
            name="pre-fit",
            status=status,
            meaning=(
                f"Before the change {quoted(human(outcome))} is off the blend by {percent(share)} of "
                f"its own standard deviation{against}"
                + (
                    ": no blend of these donors stands for it."
                    if status is Status.FAIL
                    else ": the blend follows it loosely."
                    if status is Status.WARN
                    else ", noise that they have as well."
                    if share > WARN
                    else "."
                )
            ),
            remedy=""
            if status is Status.PASS
            else "Choose donors that are more alike, or a longer stretch before the change.",
            statistic=share,
            threshold=FAIL if status is Status.FAIL else WARN,
            blocks="design" if status is Status.FAIL else "none",
            designs=("single change",) if status is Status.FAIL else (),
            columns=tuple(name for name, each in looked if _status(each) is Status.FAIL),
            detail=tuple(
                {
                    "outcome": name,
                    "distance before": each.fit,
                    "own spread": each.spread,
                    "donors' distance": each.usual,
                }
                for name, each in looked
            ),
        ),
    )


def _status(each: Blended) -> Status:
    share = each.fit / each.spread if each.spread > 0 else 0.0
    worse = each.fit / each.usual if each.usual else float("inf")
    if share > FAIL and worse > WORSE:
        return Status.FAIL
    return Status.WARN if share > WARN and worse > BAD else Status.PASS


def _rank(each: Blended) -> tuple[int, float]:
    order = {Status.PASS: 0, Status.WARN: 1, Status.FAIL: 2}
    return order[_status(each)], each.fit / each.spread if each.spread > 0 else 0.0
