"""From the estimates of a staggered rollout to what stands under ``staggered`` in the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.diagnostics.rollout._made import Panel
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.rollout.contamination import Contamination, Interval
from causal.estimation.rollout.drift import Bounded
from causal.estimation.rollout.staggered import Staggered
from causal.reporting.rollout._private import hidden_averages, hidden_cells
from causal.reporting.rollout._rows import read_of, rows_of, written

Content = dict[str, Any]


def spill_content(found: Contamination) -> Content:
    """What untreated cells say, as plain values."""
    return {
        "state": found.state,
        "variation": found.variation,
        "mean_share": found.mean_share,
        "gamma": None if found.gamma is None else found.gamma.value,
        "gamma_interval": _pair(found.gamma),
        "total_value": None if found.total is None else found.total.value,
        "total": _pair(found.total),
        "plain_value": None if found.plain is None else found.plain.value,
        "plain": _pair(found.plain),
        "correction_value": None if found.correction is None else found.correction.value,
        "correction": _pair(found.correction),
    }


def _pair(each: Interval | None) -> list[float] | None:
    known = each is not None and np.isfinite(each.low + each.high)
    return [each.low, each.high] if each is not None and known else None


def own_content(
    study: Rollout,
    cells: Cells,
    panel: Panel,
    looked: Sequence[Staggered],
    *,
    stops: Mapping[str, str],
    shown: Mapping[str, str],
    chance: float | None,
) -> tuple[Content, list[Content]]:
    """What stands under ``staggered``, and the rows of all its effects.

    Parameters
    ----------
    stops
        By outcome, the failed check that leaves none of its effects estimable.
    shown
        By outcome, why its effects are comparisons only.
    chance
        Exact p of the leading outcome where dates were drawn by lot.
    """
    effects: list[Content] = []
    outcomes = []
    for place, each in enumerate(looked):
        name = each.outcome.name
        outcomes.append(
            _outcome(study, cells, each, effects, stop=stops.get(name, ""), why=shown.get(name, ""))
            | {"chance": chance if place == 0 else None}
        )
    return {
        "control": study.analysis.control,
        "anticipation": study.analysis.anticipation,
        "entity": panel.entity,
        "entities": panel.entities,
        "cohorts": [asdict(each) for each in panel.cohorts],
        "never": panel.never,
        "outcomes": outcomes,
    }, effects


def _outcome(
    study: Rollout,
    cells: Cells,
    found: Staggered,
    effects: list[Content],
    *,
    stop: str,
    why: str,
) -> Content:
    """One outcome: numbers as they were estimated, and rows as they may be read."""
    name = found.outcome.name

    def rows(
        estimates: Estimates, family: str, kept: Sequence[int], private: Mapping[int, str]
    ) -> list[Content]:
        nonlocal effects
        read = read_of(study, estimates, f"{family} of {name}")
        listed = written(study, estimates, read, why=stop, shown=why)
        effects += [
            each for place, each in enumerate(listed) if place in kept and place not in private
        ]
        return [
            _blank(private[place]) if place in private else _shown(each)
            for place, each in enumerate(written(study, estimates, read))
        ]

    after = [place for place, e in enumerate(found.events) if e >= 0]
    late = [place for place, (g, t) in enumerate(found.cells_at) if t >= g]
    hidden = hidden_cells(study, cells, found.cells_at)
    private = _private(study, cells, found, hidden)
    overall = rows(found.overall, "overall", (0,), {})[0]
    if found.spill.total is not None:
        effects += rows_of(study, _total(study, found), f"total of {name}", why=stop)
    event = rows(found.event, "event times", after, private["event"])
    cohorts = rows(found.cohorts, "cohorts", range(len(found.cohorts)), private["cohort"])
    calendar = rows(found.calendar, "periods", range(len(found.calendar)), private["calendar"])
    each_cell = rows(found.cells, "cells", late, hidden)
    alike = {
        place: private["event"][found.events.index(e)]
        for place, e in enumerate(found.same_events)
        if e in found.events and found.events.index(e) in private["event"]
    }
    of_same = "event times of the same cohorts"
    same = [] if found.same is None else rows(found.same, of_same, (), alike)
    drift = found.drift
    return {
        "outcome": name,
        "stop": stop or None,
        "compared": why or None,
        "overall": overall,
        "event_study": {
            "base": -1 - study.analysis.anticipation,
            "rows": [
                {"event": e, **row, "cohorts": len(made), "thin": _thin(found, len(made))}
                for e, row, made in zip(found.events, event, found.made_of, strict=True)
            ],
            "same": [
                {"event": e, **row}
                for e, row in zip(found.same_events, same, strict=True)
                if e >= 0
            ],
        },
        "group_time": [
            {
                "cohort": cells.periods[g],
                "period": cells.periods[t],
                "after": t >= g,
                **each_cell[place],
            }
            for place, (g, t) in enumerate(found.cells_at)
        ],
        "hidden": len(hidden) + sum(map(len, private.values())),
        "by_cohort": [
            {"cohort": label.segment_value, **row}
            for label, row in zip(found.cohorts.labels, cohorts, strict=True)
        ],
        "calendar": [
            {"period": label.segment_value, **row}
            for label, row in zip(found.calendar.labels, calendar, strict=True)
        ],
        "pretrend": _pretrend(found),
        **_bounded(drift.overall),
        "first": _bounded(drift.first),
        "twfe": None
        if found.regression is None
        else {
            "estimate": found.regression.value,
            "std_error": _finite(found.regression.error),
            "negative_sum": found.regression.negative_sum,
            "negative_share": found.regression.negative_share,
        },
        "imputation": _imputation(found),
        "placebo": [
            {
                "periods": each.periods,
                "value": _finite(each.value),
                "std_error": _finite(each.error),
                "p_value": _finite(each.p_value),
                "why": each.refusal or None,
            }
            for each in found.early
        ],
        "contamination": spill_content(found.spill),
    }


def _private(
    study: Rollout, cells: Cells, found: Staggered, hidden: Mapping[int, str]
) -> dict[str, dict[int, str]]:
    """Places of averages that may not be shown, and why, by family."""
    at = found.cells_at
    alone = frozenset(at[place] for place in hidden)
    late = [(g, t) for g, t in at if t >= g]
    adopted = [label.segment_value for label in found.cohorts.labels]
    periods = [label.segment_value for label in found.calendar.labels]
    averaged = {cells.periods.index(str(name)) for name in adopted}
    families = {
        "event": [
            [(g, t) for g, t in at if t - g == e and g in made]
            for e, made in zip(found.events, found.made_of, strict=True)
        ],
        "cohort": [[(g, t) for g, t in late if cells.periods[g] == name] for name in adopted],
        "calendar": [
            [(g, t) for g, t in late if cells.periods[t] == name and g in averaged]
            for name in periods
        ],
    }
    return {
        family: hidden_averages(study, cells, groups, alone) for family, groups in families.items()
    }


def _thin(found: Staggered, cohorts: int) -> bool:
    return cohorts == 1 and max(map(len, found.made_of)) > 1


_KEPT = ("ci_low", "ci_high", "simultaneous_low", "simultaneous_high", "why")


def _shown(row: Content) -> Content:
    return {"value": row["estimate"], **{key: row[key] for key in _KEPT}}


def _blank(why: str) -> Content:
    return {"value": None, **dict.fromkeys(_KEPT), "why": why}


def _finite(number: float | None) -> float | None:
    return None if number is None or not np.isfinite(number) else float(number)


def _bounded(found: Bounded) -> Content:
    return {
        "bounds": [asdict(each) for each in found.bounds],
        "breakdown": _finite(found.breakdown),
        "breakdown_beyond": found.breakdown == float("inf"),
    }


def _pretrend(found: Staggered) -> Content | None:
    drift = found.drift
    if drift.joint is None:
        return None
    return {
        "form": drift.joint.form,
        "statistic": _finite(drift.joint.statistic),
        "df": [_finite(each) for each in drift.joint.df],
        "p_value": _finite(drift.joint.p_value),
        "slope_50": None if drift.power is None else drift.power.slope_50,
        "slope_80": None if drift.power is None else drift.power.slope_80,
        "reach": drift.reach,
        "share": _finite(drift.share),
        "of_margin": _finite(found.of_margin),
    }


def _imputation(found: Staggered) -> Content | None:
    if found.filled is None:
        return None
    return {
        "value": float(found.filled.values[0]),
        "std_error": _finite(float(found.filled.errors[0])),
        "difference": None if found.apart is None else _finite(found.apart.difference),
        "z": None if found.apart is None else _finite(found.apart.z),
    }


def _total(study: Rollout, found: Staggered) -> Estimates:
    """The corrected effect as a row of the tidy table."""
    from scipy.stats import t

    total, overall = found.spill.total, found.overall
    if total is None:
        raise ValueError
    reach = float(t.isf((1 - study.settings.level) / 2, total.df))
    error = (total.high - total.value) / reach
    label = overall.labels[0]
    return Estimates(
        labels=(
            Label(
                attribute=label.attribute,
                contrast="adopted - no rollout at all",
                outcome=label.outcome,
                estimand=label.estimand,
                design=label.design,
                estimator="imputation with neighbours",
                population=label.population,
                identification=label.identification,
            ),
        ),
        sizes=(
            Size(
                units=overall.sizes[0].units,
                clusters=int(total.df) + 1,
                treated=overall.sizes[0].treated,
                effective_units=overall.sizes[0].effective_units,
            ),
        ),
        values=np.array([total.value]),
        influence=np.array([[error]]),
        ways=(),
        df=np.array([total.df]),
        baseline=np.array([float("nan")]),
        baseline_variance=np.zeros((1, 2)),
        refusal=("" if np.isfinite(error) else "its error is not known",),
    )
