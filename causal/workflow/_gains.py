"""Who gains from an arm: the machinery of attributes, on the units of an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.streams import stream
from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Collected
from causal.design.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd

    from causal.data.moments.unit_rows import UnitRows
    from causal.data.panel import IntArray, Panel
    from causal.design.study import Study

Content = dict[str, Any]
LEARNED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gained:
    """Entries as ``docs/result.md`` has them, and what was run to read the units."""

    entries: tuple[Content, ...] = ()
    sql: tuple[tuple[str, str], ...] = ()


def gains(
    experiment: Experiment, found: Collected, table: pd.DataFrame | None, *, workers: int
) -> Gained:
    """For whom the first treatment arm moves the first success metric.

    Units are read one by one here and only here. The shares that were planned are the probabilities
    of the arm; nothing about the assignment is estimated. Of more than 100,000 units as many are
    drawn, whole clusters where these were assigned.
    """
    metric = next((each for each in experiment.outcomes if each.role is Role.SUCCESS), None)
    arms = [arm for arm in found.moments.arms if arm != experiment.analysis.holdout]
    if metric is None or len(arms) < 2:
        return Gained()
    pair = (arms[0], arms[1])
    reason = _refusal(experiment, metric)
    if reason:
        return Gained(entries=(_told(metric, pair, reason=reason, found=False),))
    rows = _read(experiment, found, metric, pair, table, workers)
    features = _features(experiment, rows)
    if not features:
        reason = "no column that was known before (modifiers, covariates) varies"
        entry = _told(metric, pair, reason=reason, found=False)
        return Gained(entries=(entry,), sql=rows.sql)
    chosen = drawn(experiment, rows)
    entries = _learned(experiment, metric, rows, chosen, (pair, features), found, workers)
    more = _told(metric, pair, units=int(rows.arm.size), learned=int(chosen.size))
    return Gained(entries=tuple(entry | more for entry in entries), sql=rows.sql)


def _refusal(experiment: Experiment, metric: Metric) -> str:
    if experiment.pool == "shared":
        return "arms share one pool of exposure, so a unit's difference is not its effect"
    if metric.type is Type.QUANTILE:
        return "a quantile is no mean over units"
    return ""


def _told(metric: Metric, pair: tuple[str, str], **more: Any) -> Content:
    """What every entry says: the arm stands for the attribute."""
    return {
        "attribute": pair[1],
        "contrast": f"{pair[1]} - {pair[0]}",
        "outcome": metric.name,
        "linearised": metric.is_ratio,
        **more,
    }


def _read(
    experiment: Experiment,
    found: Collected,
    metric: Metric,
    pair: tuple[str, str],
    table: pd.DataFrame | None,
    workers: int,
) -> UnitRows:
    from causal.data.moments.unit_rows import unit_rows
    from causal.design.experiment_request import experiment_request

    return unit_rows(
        experiment_request(experiment),
        metric,
        pair,
        cap=found.caps.get(metric.name),
        frame=table,
        workers=workers,
    )


def _features(experiment: Experiment, rows: UnitRows) -> tuple[str, ...]:
    """Blocks, modifiers and covariates that differ between units."""
    apart = (experiment.unit, experiment.cluster)
    return tuple(
        name
        for name in rows.known.columns
        if name not in apart and rows.known[name].nunique(dropna=False) > 1
    )


def drawn(experiment: Experiment, rows: UnitRows) -> IntArray:
    """Rows to learn from: all, or whole units of randomisation drawn until there are enough."""
    every = np.arange(rows.arm.size)
    if every.size <= LEARNED:
        return every
    names = rows.known[experiment.cluster or experiment.unit].astype(str).to_numpy()
    _, codes = np.unique(names, return_inverse=True)
    sizes = np.bincount(codes)
    order = stream(experiment.settings.seed, "heterogeneity", "units").permutation(sizes.size)
    taken = np.zeros(sizes.size, dtype=bool)
    taken[order[np.cumsum(sizes[order]) <= LEARNED]] = True
    return np.flatnonzero(taken[codes])


def _learned(
    experiment: Experiment,
    metric: Metric,
    rows: UnitRows,
    chosen: IntArray,
    asked: tuple[tuple[str, str], tuple[str, ...]],
    found: Collected,
    workers: int,
) -> list[Content]:
    from causal.design.unit_study import study_of_units
    from causal.estimation._fit import fit_design
    from causal.estimation.cate._problems import individual_effects
    from causal.evaluation._evaluated import Evaluated
    from causal.policy.who_gains import who_gains
    from causal.workflow.attributes import identify

    pair, features = asked
    study = study_of_units(experiment, metric, features)
    panel = _panel(study, rows, chosen, pair, _share(found, pair))
    design = next(each for each in identify(study, panel) if each.name == "adjusted")
    fit = fit_design(study, panel, design, workers=workers, second_opinions=False)
    evaluated = Evaluated(
        study=study,
        panel=panel,
        fits=(fit,),
        headline=design.name,
        cates=individual_effects(fit, workers=workers),
    )
    return who_gains(evaluated)


def _share(found: Collected, pair: tuple[str, str]) -> float:
    """The planned share of the treatment arm among the two."""
    counts = found.counts
    control, treated = (float(counts.shares[counts.arms.index(arm)]) for arm in pair)
    return treated / (control + treated)


def _panel(
    study: Study, rows: UnitRows, chosen: IntArray, pair: tuple[str, str], share: float
) -> Panel:
    from causal.data.read import read_frame
    from causal.design.request import request
    from causal.design.unit_study import SHARE, VALUE
    from causal.estimation.experiment.linearised import linearised

    value = rows.value
    if rows.below is not None:
        value = linearised(rows.value, rows.below, rows.arm)
    arm = np.array(pair, dtype=object)[rows.arm]
    frame = rows.known.copy()
    frame[study.attributes[0].name], frame[VALUE], frame[SHARE] = arm, value, share
    return read_frame(frame.iloc[chosen], request(study))
