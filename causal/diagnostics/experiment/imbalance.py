"""Were the arms alike before exposure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import count, fixed, p_is
from causal.data.moments.collected import Collected
from causal.data.moments.moments import Moments
from causal.diagnostics._tail import GATE, holm
from causal.diagnostics.experiment._balance import Balance, balances
from causal.diagnostics.experiment._looks import at_looks
from causal.diagnostics.experiment._planned import Planned

NAME = "imbalance before exposure"
SKEWED = 18.0


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Test that all covariates have the same means in all arms, jointly, at .001.

    One test over covariates and arms, so that many covariates do not make many alarms: the
    Lawley-Hotelling trace (with two arms Hotelling's T-squared), within strata, over clusters where
    these were assigned (linearised ratios of totals). Covariates whose products were not asked for
    are tested in groups, with Holm's adjustment over the groups. With looks, p-values hold at every
    look.

    Means of skewed covariates are not normal in a small arm beside a large one: at the .001 point a
    skewness of 3 makes exp(18 (1 - 2 share) / sqrt(units)) times the alarms on one side (Edgeworth).
    Where that is above e for the smallest arm, p has to be under .00001.
    """
    parts = tuple(dict.fromkeys(part for each in collected.readings for part in each.covariates))
    if not parts or len(collected.moments.arms) < 2:
        return ()
    tests = balances(collected.moments, parts)
    if not tests:
        return (_untested(),)
    adjusted = holm(np.array([_p_value(each, planned) for each in tests]))
    return (_finding(tests, float(adjusted.min()), collected.moments, planned),)


def _threshold(moments: Moments) -> float:
    """The p-value below which arms are not alike."""
    n = moments.n.sum(axis=1)
    share = n.min() / max(int(n.sum()), 1)
    return GATE / 100 if n.min() < (SKEWED * (1 - 2 * share)) ** 2 else GATE


def _p_value(test: Balance, planned: Planned) -> float:
    if not planned.looks:
        return test.p_value
    return at_looks(test.p_value, test.dimensions, test.units, planned.planned_units)


def _untested() -> Finding:
    return Finding(
        name=NAME,
        status=Status.WARN,
        meaning="Balance before exposure was not tested: the covariates do not vary, or too few "
        "units were assigned.",
        remedy="Give covariates known before exposure.",
    )


def _finding(tests: Sequence[Balance], p: float, moments: Moments, planned: Planned) -> Finding:
    arms, threshold = moments.arms, _threshold(moments)
    rows = _rows(tests, arms)
    most = max(rows, key=lambda row: abs(float(row["apart"] or 0.0)))
    failed = p < threshold
    number = sum(len(each.parts) for each in tests)
    of_units = f"standard deviations of one of the {planned.units}"
    largest = (
        f"The largest difference is {fixed(float(most['apart'] or 0.0), 3)} {of_units} "
        f"({most['covariate']}, {most['arm']} against {arms[0]})."
    )
    listed = "1 covariate tested" if number == 1 else f"{count(number)} covariates tested together"
    said = "differ before anything was done to them" if failed else "were alike before exposure"
    return Finding(
        name=NAME,
        status=Status.FAIL if failed else Status.PASS,
        meaning=(f"The arms {said}: {listed}, {p_is(p)}. {largest}"),
        remedy=(
            "Read no effect. Look for covariates that were measured after exposure, for units lost "
            "in one arm only, and for an assignment that was not random."
            if failed
            else ""
        ),
        statistic=p,
        threshold=threshold,
        blocks="page" if failed else "none",
        columns=tuple(dict.fromkeys(str(row["covariate"]) for row in rows)) if failed else (),
        detail=rows,
    )


def _rows(tests: Sequence[Balance], arms: tuple[str, ...]) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "covariate": part.numerator.removeprefix("x:"),
            "arm": arms[arm + 1],
            "apart": float(each.apart[arm, at]),
            "p together": each.p_value,
        }
        for each in tests
        for at, part in enumerate(each.parts)
        for arm in range(len(arms) - 1)
    )
