"""Is a metric missing more often in one arm than in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.content.wording import p_is, percent, together
from causal.data.moments.collected import Collected
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics._split import SMALL
from causal.diagnostics._tail import GATE, holm, tail
from causal.diagnostics.experiment._balance import balances
from causal.diagnostics.experiment._looks import at_looks
from causal.diagnostics.experiment._multinomial import DOUBTED, LARGE, summed_p
from causal.diagnostics.experiment._planned import Planned, compared

NAME = "missing metrics"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Compare the share of units without a metric over arms; Holm over metrics at .001.

    Units whose window is still open do not count. Chi-square on arms - 1 degrees of freedom, or
    Fisher's exact tests of each arm against the larger ones where counts are small; over clusters, where these were assigned, the F-test of the linearised share. With looks,
    p-values hold at every look. What is left when units go missing unevenly is not what was
    randomised, so a metric that decides is a FAIL.
    """
    rates, untested = [], []
    for metric, missing in sorted(collected.missing.items()):
        rate = _rate(collected, planned, metric, compared(collected, missing))
        if rate is not None:
            rates.append(rate)
            untested += [metric] if rate.p is None else []
    tested = [each for each in rates if each.p is not None]
    adjusted = holm(np.array([each.p for each in tested], dtype=float))
    uneven = [(each, p) for each, p in zip(tested, adjusted.tolist(), strict=True) if p < GATE]
    found = tuple(_uneven(each, p, collected, planned) for each, p in uneven)
    if untested:
        found = (*found, _untested(tuple(untested)))
    if found or not collected.missing:
        return found
    return (_even(rates, float(adjusted.min(initial=1.0)), collected),)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rate:
    """Units of each arm that should have a metric and that miss it; p is None when not tested."""

    metric: str
    units: IntArray
    missing: IntArray
    p: float | None

    @property
    def share(self) -> FloatArray:
        """Share missing in each arm, (arms,)."""
        return np.asarray(self.missing / np.maximum(self.units, 1))


def _rate(collected: Collected, planned: Planned, metric: str, missing: IntArray) -> _Rate | None:
    """None where no unit, or every unit, has the metric."""
    units = collected.moments.units.sum(axis=1)
    immature = collected.immature.get(metric)
    units = units if immature is None else units - compared(collected, immature)
    if missing.sum() == 0 or missing.sum() >= units.sum():
        return None
    if not planned.clustered:
        p: float | None = _p_value(units, missing)
    else:
        known = next((r.known for r in collected.readings if r.metric == metric), None)
        tests = () if known is None else balances(collected.moments, [known])
        p = tests[0].p_value if tests else None
    if p is not None and planned.looks:
        sampled = int(collected.moments.n.sum())
        p = at_looks(p, units.size - 1, sampled, planned.planned_units)
    return _Rate(metric=metric, units=units, missing=missing, p=p)


def _p_value(units: IntArray, missing: IntArray) -> float:
    """P-value of equal shares missing in the arms that have units."""
    has = np.flatnonzero(units > 0)
    units, missing = units[has], np.minimum(missing[has], units[has])
    if units.size < 2:
        return 1.0
    rate = missing.sum() / units.sum()
    chi = ((missing - units * rate) ** 2 / (units * rate * (1 - rate))).sum()
    p = float(tail(np.array(chi), np.array(units.size - 1.0)))
    least = float(units.min() * min(rate, 1 - rate))
    doubted = least < SMALL or (least < LARGE and p < DOUBTED)
    return _exact_p(units, missing) if doubted else p


def _exact_p(units: IntArray, missing: IntArray) -> float:
    """Fisher's exact test of each arm against the larger ones, as one p-value."""
    from scipy.stats import fisher_exact

    order = np.argsort(units, kind="stable")
    missed, known = missing[order], (units - missing)[order]
    p = [
        fisher_exact([[missed[at], missed[at + 1 :].sum()], [known[at], known[at + 1 :].sum()]])[1]
        for at in range(units.size - 1)
    ]
    return summed_p(np.array(p, dtype=float))


def _uneven(rate: _Rate, p: float, collected: Collected, planned: Planned) -> Finding:
    decides = planned.decides(rate.metric)
    return Finding(
        name=NAME,
        status=Status.FAIL if decides else Status.WARN,
        meaning=(
            f"'{rate.metric}' is missing in unequal shares of the arms: "
            f"{_shares(rate, collected)} (adjusted {p_is(p)}). The units that are left are "
            "not those that were randomised."
        ),
        remedy=(
            "Find out why it goes missing. Where no value means zero, sum it (aggregate: sum) "
            "instead of averaging it; where logging fails in one arm, mend that first."
        ),
        statistic=p,
        threshold=GATE,
        blocks="page" if decides else "none",
        columns=(rate.metric,),
        detail=_rows([rate], collected),
    )


def _even(rates: list[_Rate], p: float, collected: Collected) -> Finding:
    most = max((float(each.share.max()) for each in rates), default=0.0)
    return Finding(
        name=NAME,
        status=Status.PASS,
        meaning=(
            f"No metric is missing more often in one arm than in another (the most is "
            f"{percent(most)}; least adjusted {p_is(p)})."
            if rates
            else "Every unit has every metric."
        ),
        statistic=p,
        threshold=GATE,
        detail=_rows(rates, collected),
    )


def _untested(metrics: tuple[str, ...]) -> Finding:
    return Finding(
        name=NAME,
        status=Status.WARN,
        meaning=(
            f"Whether {together(metrics)} is missing evenly over arms was not tested: its shares "
            "by cluster are not known."
        ),
        remedy="Look at the shares missing by arm yourself.",
        columns=metrics,
    )


def _shares(rate: _Rate, collected: Collected) -> str:
    each = zip(collected.moments.arms, rate.share.tolist(), strict=True)
    return together(f"{arm} {percent(share)}" for arm, share in each)


def _rows(rates: list[_Rate], collected: Collected) -> tuple[dict[str, Cell], ...]:
    return tuple(
        {
            "metric": each.metric,
            "arm": arm,
            "units": int(each.units[at]),
            "missing": int(each.missing[at]),
            "share": float(each.share[at]),
        }
        for each in rates
        for at, arm in enumerate(collected.moments.arms)
    )
