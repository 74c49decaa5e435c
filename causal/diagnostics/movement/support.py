"""Are there rows of each period that are like those of the other."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import percent, quoted, together
from causal.diagnostics.movement._made import Made, Reach

THIN = 0.2
NONE = 0.02
MOST_CERTAIN = 0.01


def beyond(reach: Reach) -> bool:
    """Whether rows of one period cannot stand in for the other after a node."""
    return reach.effective < NONE or reach.certain > MOST_CERTAIN


def check(made: Made) -> tuple[Finding, ...]:
    """Count what reweighted rows are worth after each node.

    Under 2% of the rows, or with more than 1% of the rows to stand in for of a propensity above .99,
    a FAIL: the node is given together with the next one, or (in forms that average over orders)
    nothing is. Under 20% a WARN.
    """
    if not made.reach:
        return ()
    lost = [each for each in made.reach if beyond(each)]
    thin = [each for each in made.reach if each.effective < THIN and each not in lost]
    worst = lost or thin or [min(made.reach, key=lambda each: each.effective)]
    names = together(quoted(each.node) for each in worst)
    worth = percent(min(each.effective for each in worst))
    alone = max(each.certain for each in worst)
    status = Status.FAIL if lost else Status.WARN if thin else Status.PASS
    return (
        Finding(
            name="support",
            status=status,
            meaning=(_ALONE if alone > MOST_CERTAIN else _MEANS[status]).format(
                names=names, worth=worth, alone=percent(alone)
            )
            + _follows(made, status),
            remedy="" if status is Status.PASS else _REMEDY,
            statistic=min(each.effective for each in worst),
            threshold=NONE if lost else THIN,
            columns=() if status is Status.PASS else tuple(each.node for each in worst),
            detail=tuple(
                {
                    "after": each.node,
                    "effective share of rows": each.effective,
                    "largest propensity": each.largest,
                    "rows like none of the other period": each.certain,
                    "explained by the outcome model": each.explained,
                }
                for each in made.reach
            ),
        ),
    )


_ALONE = (
    "With the mechanisms up to {names} as they are in one period, {alone} of its rows are like hardly "
    "any of the other, so that there is nothing to learn from for them."
)
_MEANS = {
    Status.FAIL: "With the mechanisms up to {names} as they are after, there are hardly any rows "
    "before to learn from: reweighted to them, rows are worth {worth} of their number.",
    Status.WARN: "With the mechanisms up to {names} as they are after, rows before are worth only "
    "{worth} of their number, so that few of them carry the shares of this and the next node.",
    Status.PASS: "Rows of one period are like those of the other: after {names}, where they are "
    "least, they are worth {worth} of their number.",
}
_REMEDY = (
    "Look for values that only one period has, such as a new category or a changed log; leave the "
    "node out, or choose periods that are closer."
)


def _follows(made: Made, status: Status) -> str:
    if status is not Status.FAIL:
        return ""
    if made.form == "order":
        return " The share of such a node is given together with that of the next one."
    return " Every share averages over such a change, so none is shown."
