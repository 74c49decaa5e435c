"""Do scores pile up on one side of the cutoff, or at it."""

from __future__ import annotations

from math import isnan

from causal.base.finding import Finding, Status
from causal.content.wording import count, p_is
from causal.diagnostics._tail import GATE
from causal.diagnostics.exposure._made import Made, Scores

SMALL, SURE = 0.05, 0.01
FEW_SCORES = 20


def check(made: Made) -> tuple[Finding, ...]:
    """Look whether the density of the score jumps at the cutoff, and whether rows heap on it.

    p < .05 is a WARN; p < .01 a FAIL: who can choose their side differ from the others, and the
    jump of the outcome is theirs too. A test of the density looks past many rows at the cutoff
    itself, so that more than at any score next to it, with p < .001, is a FAIL too. Fewer than 20
    different scores within the bandwidth on a side are a WARN: the line is drawn through few points.
    """
    if made.scores is None:
        return ()
    return (_density(made.scores.density), *_heap(made.scores), *_discrete(made.scores))


def _density(p: float) -> Finding:
    if isnan(p):
        return Finding(
            name="density",
            status=Status.WARN,
            meaning="Whether scores pile up on one side of the cutoff cannot be told: there are too "
            "few rows or different scores.",
            remedy="Use a score that was not rounded, or read more rows.",
        )
    status = Status.FAIL if p < SURE else Status.WARN if p < SMALL else Status.PASS
    return Finding(
        name="density",
        status=status,
        meaning=(
            f"Scores do not pile up on one side of the cutoff ({p_is(p)})."
            if status is Status.PASS
            else f"There are more scores on one side of the cutoff than on the other "
            f"({p_is(p)}): who could choose their side are not like the others."
        ),
        remedy="" if status is Status.PASS else _REMEDY,
        statistic=p,
        threshold=SURE if status is Status.FAIL else SMALL,
        blocks="page" if status is Status.FAIL else "none",
    )


def _heap(found: Scores) -> tuple[Finding, ...]:
    heaped = found.heap < GATE and found.at > found.most
    if not heaped:
        return ()
    return (
        Finding(
            name="rows at the cutoff",
            status=Status.FAIL,
            meaning=f"{count(found.at)} rows have the cutoff itself as their score, and scores next to "
            f"it at most {count(found.most)} ({p_is(found.heap)}): who just reach it may know it, and "
            "are not like the others.",
            remedy="Find out how a score becomes the cutoff; leave those rows out with data.where only "
            "where it has nothing to do with the outcome.",
            statistic=found.heap,
            threshold=GATE,
            blocks="page",
        ),
    )


def _discrete(found: Scores) -> tuple[Finding, ...]:
    if found.fewest is None or found.fewest >= FEW_SCORES:
        return ()
    return (
        Finding(
            name="few scores",
            status=Status.WARN,
            meaning=f"On one side of the cutoff there are {found.fewest} different scores within the "
            "bandwidth: between them the line is a guess, which no interval holds.",
            remedy="Use a score that was not rounded.",
            statistic=float(found.fewest),
            threshold=float(FEW_SCORES),
        ),
    )


_REMEDY = "Find out who can move their score, and leave out where they can with data.where."
