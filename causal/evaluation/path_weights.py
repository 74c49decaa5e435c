"""Whether reweighted impressions can stand for those that were not shown."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import human, percent, quoted
from causal.estimation.paths._found import Weighted
from causal.evaluation._evaluated import Evaluated

LARGEST = 0.05
FEWEST = 0.10
_DESIGNS = ("weighted to production", "replay", "bounds")


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """FAIL where one row has more than 5% of all weight, or rows are worth less than 10% of theirs.

    Weights of a replay stop the parts of their attribute, weights to production traffic every part
    that rests on them.
    """
    if evaluated.paths is None:
        return ()
    return tuple(_of(each) for each in evaluated.paths.weights)


def _of(given: Weighted) -> Finding:
    failed = given.largest > LARGEST or given.effective < FEWEST
    whose = f" for {quoted(human(given.attribute))}" if given.attribute else ""
    return Finding(
        name="path weights",
        status=Status.FAIL if failed else Status.PASS,
        meaning=f"With {given.of}{whose} rows are worth {percent(given.effective)} of their "
        f"number, and the heaviest has {percent(given.largest)} of all weight"
        + (": too few rows speak for the rest." if failed else "."),
        remedy="Explore on more traffic, or log a longer time; where propensities are near zero, "
        "the ranker leaves too little to chance."
        if failed
        else "",
        statistic=given.effective,
        threshold=FEWEST,
        blocks="design",
        designs=("replay",) if given.attribute else _DESIGNS,
        attributes=(given.attribute,) if given.attribute else (),
    )
