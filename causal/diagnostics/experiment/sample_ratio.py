"""Did every arm get its planned share of the units of randomisation, over all and day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import count, p_is, percent, together
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics._tail import GATE, SMALL_P, tail
from causal.diagnostics.experiment._looks import concentration
from causal.diagnostics.experiment._multinomial import (
    anytime_p,
    pearson,
    split_p,
)
from causal.diagnostics.experiment._parts import DAY, Parted, parted
from causal.diagnostics.experiment._planned import Counted, Planned, listed, positive

NAME = "sample ratio"
SHOWN = 20


def check(collected: Counted, planned: Planned) -> tuple[Finding, ...]:
    """Compare the counts of arms with their planned shares, over all units and in parts.

    Units of randomisation are counted, in every arm of positive planned share, an arm without any
    unit too. Two families, each with a p_is of .001 of a false alarm:

    - all units together: chi-square with arms - 1 degrees of freedom, exact where counts are small
      (:func:`causal.diagnostics.experiment._multinomial.split_p`);
    - every day of first exposure and every value of what was known before assignment, by the same
      test; and for a column with at least 20 values how many have p < .01, and the sum of their
      chi-squares, which find breaks too small to show in any. Holm's adjustment over all of them.

    With looks the first is a sequential test of Lindon and Malek (2022), tuned to the planned
    units, whose alarm at any look has a p_is of .001. A day is over when it is looked at, so
    its test is an ordinary one, and day d spends 1 / (d (d + 1)) of half the second family's .001;
    the other half is shared by the values of the splits, each tested sequentially.
    """
    arms, places, shares = positive(collected.counts)
    if len(arms) < 2:
        return ()
    observed = collected.counts.randomized[places]
    if observed.sum() == 0:
        return (_empty(planned),)
    tests = tuple(parted(collected.counts, planned))
    local = _local(tests, arms, planned)
    return (_overall(arms, observed, shares, planned, tests), *local)


def _empty(planned: Planned) -> Finding:
    return Finding(
        name=NAME,
        status=Status.FAIL,
        meaning=f"No {planned.units} of any planned arm are in the data.",
        remedy="Look at arms.column and at the values it has.",
        blocks="page",
    )


def _overall(
    arms: tuple[str, ...],
    observed: IntArray,
    shares: FloatArray,
    planned: Planned,
    tests: Sequence[Parted],
) -> Finding:
    if planned.looks:
        p = anytime_p(observed, shares, concentration(planned.planned_units, len(arms) - 1))
        how = "a test that holds at every look"
    else:
        p = split_p(observed, shares)
        df, square = len(arms) - 1, pearson(observed, shares)
        degrees = "1 degree" if df == 1 else f"{df} degrees"
        how = f"chi-square {square:.4g}, {degrees} of freedom"
        if p != float(tail(np.array(square), np.array(float(df)))):
            how = "exact test"
    failed = p < GATE
    plan = together(f"{a} {percent(float(s))}" for a, s in zip(arms, shares, strict=True))
    verdict = "did not get" if failed else "got"
    return Finding(
        name=NAME,
        status=Status.FAIL if failed else Status.PASS,
        meaning=(
            f"The arms {verdict} their planned shares of the {planned.units}: "
            f"{listed(arms, observed)}, planned {plan} ({p_is(p)}; {how})."
            f"{_spread(tests) if failed else ''}"
        ),
        remedy=_REMEDY if failed else "",
        statistic=p,
        threshold=GATE,
        blocks="page" if failed else "none",
        detail=_rows(arms, observed, shares),
    )


_REMEDY = (
    "Read no effect. Look for units that were lost, counted twice or filtered in one arm only "
    "(redirects, crashes, bots, late logging), and for a split that was changed on the way."
)


def _rows(
    arms: tuple[str, ...], observed: IntArray, shares: FloatArray
) -> tuple[dict[str, Cell], ...]:
    whole = int(observed.sum())
    return tuple(
        {
            "arm": arm,
            "count": int(n),
            "expected": float(share * whole),
            "planned share": float(share),
        }
        for arm, n, share in zip(arms, observed, shares, strict=True)
    )


def _spread(tests: Sequence[Parted]) -> str:
    """Say how many parts are off, so that a break everywhere is told from one in some."""
    said = [
        f"{int((each.p < SMALL_P).sum())} of {len(each.values)} values of {each.name}"
        for each in tests
        if len(each.values) > 1
    ]
    return f" With p < .01 by themselves: {together(said)}." if said else ""


def _local(tests: Sequence[Parted], arms: tuple[str, ...], planned: Planned) -> tuple[Finding, ...]:
    """A finding for each column with a break; one that all is well when there is none."""
    found = tuple(_break(each, arms, planned) for each in tests if each.least < GATE)
    number = sum(each.p.size for each in tests)
    if found or not number:
        return found
    least = min(each.least for each in tests if each.values)
    return (
        Finding(
            name=f"{NAME} in parts",
            status=Status.PASS,
            meaning=(
                f"The planned shares were kept in each of {count(number)} parts, by "
                f"{together(each.name for each in tests)} (least adjusted {p_is(least)})."
            ),
            statistic=least,
            threshold=GATE,
        ),
    )


def _break(tested: Parted, arms: tuple[str, ...], planned: Planned) -> Finding:
    broken = np.flatnonzero(tested.adjusted < GATE)
    small = int((tested.p < SMALL_P).sum())
    shown = [tested.values[at] for at in broken[:SHOWN]]
    more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
    where = (
        f"The planned shares were not kept where {tested.name} is {together(shown)}{more}"
        if shown
        else f"The planned shares were not kept over the values of {tested.name} together"
    )
    dates = [date.fromisoformat(day) for day in shown] if tested.name == DAY else []
    return Finding(
        name=f"{NAME} by {tested.name}",
        status=Status.FAIL,
        meaning=(
            f"{where} (adjusted {p_is(tested.least)}). {small} of {len(tested.values)} values have "
            f"p < .01 where {SMALL_P:.0%} are expected."
        ),
        remedy=(
            f"Find out how {planned.units} were assigned and counted there; no effect is safe until "
            "it is known. Leave these out with data.where only when the cause is known and lies "
            "before assignment."
        ),
        statistic=tested.least,
        threshold=GATE,
        blocks="page",
        starts=min(dates, default=None),
        ends=max(dates, default=None),
        detail=_parts(tested, arms),
    )


def _parts(tested: Parted, arms: tuple[str, ...]) -> tuple[dict[str, Cell], ...]:
    """The values by their p, least first."""
    order = np.argsort(tested.p, kind="stable")[:SHOWN]
    return tuple(
        {
            tested.name: tested.values[at],
            **{arm: int(n) for arm, n in zip(arms, tested.counts[at], strict=True)},
            "p": float(tested.p[at]),
            "adjusted p": float(tested.adjusted[at]),
        }
        for at in order
    )
