"""Has an outcome a value wherever there are rows, whoever adopts when."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is, percent, sentence
from causal.diagnostics.rollout._made import Looked, Made

MOST = 0.2
SURE = 0.001


def check(made: Made) -> tuple[Finding, ...]:
    """Count cells with rows but no value, and compare entities' shares of them between cohorts.

    None is a PASS, up to a fifth a WARN. More, or shares that differ with p < 0.001 (Kruskal,
    Wallis 1952), is a FAIL: who is missing may then be what moves the numbers, and no effect on
    that outcome is shown.
    """
    return tuple(_finding(each) for each in made.looked)


def _finding(looked: Looked) -> Finding:
    name = sentence(human(looked.outcome))
    differs = looked.empty_p < SURE
    failed = differs or looked.empty > MOST
    if not looked.empty:
        said = f"{name} has a value in every cell with rows."
    else:
        said = f"{name} has no value in {percent(looked.empty)} of the cells with rows."
    if differs:
        said += (
            " Adopters of different dates lack different shares of theirs, which chance does not "
            f"explain ({p_is(looked.empty_p)})."
        )
    return Finding(
        name="values",
        status=Status.FAIL if failed else Status.WARN if looked.empty else Status.PASS,
        meaning=said,
        remedy="Look why values are missing; write 0 where nothing happened, or cut longer periods "
        "with 'every'."
        if looked.empty
        else "",
        statistic=looked.empty,
        threshold=MOST,
        blocks="design" if failed else "none",
        columns=(looked.outcome,),
    )
