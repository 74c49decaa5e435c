"""Every estimand on every metric: what decides, and what is shown beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from causal.content.metric import Metric
from causal.content.outcome import Role
from causal.estimation._estimates import Estimates
from causal.estimation.experiment.comparisons import Comparison, Family, Range, compared
from causal.estimation.experiment.decided import Procedure, Rules, decide
from causal.estimation.experiment.effects import without_error
from causal.estimation.experiment.fieller import Relative, relative
from causal.estimation.two_sided.cells import Cells
from causal.estimation.two_sided.estimands import (
    NO_LEVEL,
    Estimand,
    covariance,
    degrees_of_freedom,
    estimates,
    four,
    margins,
)

NEITHER, BOTH = "neither side", "both sides"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One estimand on one metric, with its interval alone.

    ``against`` is the level it is set against, which ``relative`` is relative to; ``refusal`` says
    why nothing may be read, empty when it may.
    """

    metric: str
    estimand: Estimand
    effect: Range
    std_error: float
    df: float
    p_value: float
    against: float
    relative: Relative
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLevel:
    """A metric in one cell, with its interval alone."""

    metric: str
    user_treated: bool
    creator_treated: bool
    level: Range
    users: int
    creators: int
    refusal: str = ""


def readings(cells: Cells, metrics: Sequence[Metric], level: float) -> tuple[Reading, ...]:
    """Every estimand on every metric, in the order of the metrics."""
    return tuple(
        _reading(cells, metric, estimand, level) for metric in metrics for estimand in Estimand
    )


def totals(cells: Cells, metrics: Sequence[Metric], rules: Rules) -> tuple[Comparison, ...]:
    """Both sides treated against neither: what a launch to everybody is decided by.

    Success metrics are one family with a joint covariance; others are read one by one.
    """
    success = [metric for metric in metrics if metric.role is Role.SUCCESS]
    families = [success] if success else []
    families += [[metric] for metric in metrics if metric.role is not Role.SUCCESS]
    made = {each.metric: each for family in families for each in _totals(cells, family, rules)}
    return tuple(made[metric.name] for metric in metrics)


def cell_levels(cells: Cells, metrics: Sequence[Metric], level: float) -> tuple[CellLevel, ...]:
    """Every metric in the four cells, neither treated first."""
    return tuple(each for metric in metrics for each in _cell_levels(cells, metric, level))


def _totals(cells: Cells, metrics: list[Metric], rules: Rules) -> Iterator[Comparison]:
    found = estimates(cells, metrics, Estimand.TOTAL)
    ends = [four(cells, metric).values[[0, 3]] for metric in metrics]
    family = Family(
        metrics=tuple(metrics),
        arms=(NEITHER, BOTH),
        effects=found,
        raw=found,
        levels=np.stack(ends),
        margins=tuple(
            margins(cells, metric, found.select(np.array([at])))
            for at, metric in enumerate(metrics)
        ),
    )
    return compared(family, rules, len(metrics))


def _reading(cells: Cells, metric: Metric, estimand: Estimand, level: float) -> Reading:
    found = estimates(cells, [metric], estimand)
    alone = decide(found, _fixed(level), together=False)
    return Reading(
        metric=metric.name,
        estimand=estimand,
        effect=Range(
            value=float(found.values[0]), low=float(alone.low[0]), high=float(alone.high[0])
        ),
        std_error=float(found.std_errors[0]),
        df=float(found.df[0]),
        p_value=float(alone.p_value[0]),
        against=float(found.baseline[0]),
        relative=_relative(found, float(alone.critical[0])),
        refusal=found.refusal[0] or without_error(found, 0),
    )


def _relative(found: Estimates, critical: float) -> Relative:
    cross, baseline = found.baseline_variance[0]
    return relative(
        float(found.values[0]),
        float(found.baseline[0]),
        variance=float(found.std_errors[0] ** 2),
        baseline_variance=float(baseline),
        covariance=float(cross),
        critical=critical,
    )


def _cell_levels(cells: Cells, metric: Metric, level: float) -> Iterator[CellLevel]:
    from scipy.stats import t as student

    of = four(cells, metric)
    error = np.sqrt(np.diag(covariance(of, cells)))
    reach = student.isf((1 - level) / 2, degrees_of_freedom(of, cells)) * error
    refusal = estimates(cells, [metric], Estimand.TOTAL).refusal[0]
    for at in range(4):
        a, b = divmod(at, 2)
        value = float(of.values[at])
        yield CellLevel(
            metric=metric.name,
            user_treated=bool(a),
            creator_treated=bool(b),
            level=Range(value=value, low=value - float(reach[at]), high=value + float(reach[at])),
            users=int(cells.users[a]),
            creators=int(cells.creators[b]),
            refusal=refusal or ("" if np.isfinite(value) else NO_LEVEL),
        )


def _fixed(level: float) -> Rules:
    return Rules(procedure=Procedure.FIXED, level=level, seed=0)
