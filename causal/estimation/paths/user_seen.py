"""What users see: the effect per impression, on traffic shown at random and on what the ranker shows.

Exposure stays as it is, only what users see differs. Rows shown at random tell it without the
ranker's choice; weighted by the odds of being production traffic, given what the ranker and the user
bring, they stand for the impressions of production (Cole, Stuart 2010).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, Panel
from causal.design.study import Study
from causal.estimation._boosting import Boosting, Task, cross_fit
from causal.estimation._estimates import Estimates, stack
from causal.estimation._features import features
from causal.estimation._fit import Fit
from causal.estimation._scores import estimate
from causal.estimation.paths._found import Weighted
from causal.estimation.within_block import WithinBlock

EXPLORED, PRODUCTION, LOGGED = "exploration traffic", "weighted to production", "logged traffic"
BESIDE = 2
"""Production rows that the model of traffic sees for each exploration row."""
PAST = "its own clicks so far"
ONE_FOLD = "all rows are in one fold, so what tells production traffic apart cannot be learned"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What users see, by traffic.

    Attributes
    ----------
    estimates
        By design: exploration traffic, weighted to production; or logged traffic alone.
    weights
        Of rows of the panel to production, shape (rows,), mean 1 over exploration; None without.
    weighted
        What they are worth.
    """

    estimates: Estimates
    weights: FloatArray | None
    weighted: tuple[Weighted, ...]


def user_seen(study: Study, panel: Panel, fits: Mapping[str, Fit], *, workers: int = 1) -> Seen:
    """The effect of each attribute per impression, under each traffic that can be told.

    Parameters
    ----------
    study, panel
        Rows are impressions.
    fits
        By design, over the whole table.
    workers
        Models fitted at a time.
    """
    name = next((each for each in ("exploration x within", "exploration") if each in fits), None)
    if name is None:
        leading = next(each for each in ("within", "adjusted", "naive") if each in fits)
        return Seen(
            estimates=_named(fits[leading].whole, LOGGED, "logged traffic"),
            weights=None,
            weighted=(),
        )
    found = [_named(fits[name].whole, EXPLORED, "exploration traffic")]
    if name == "exploration" or np.all(panel.exploration):
        return Seen(estimates=found[0], weights=None, weighted=())
    if np.unique(panel.folds).size < 2:
        other = _named(fits[name].whole, PRODUCTION, "production traffic")
        refused = replace(other, refusal=tuple(text or ONE_FOLD for text in other.refusal))
        return Seen(estimates=stack([*found, refused]), weights=None, weighted=())
    weights = to_production(study, panel, workers=workers)
    setting = fits[name].setting
    outcomes = {
        key: replace(each, weight=each.weight * weights) for key, each in panel.outcomes.items()
    }
    weighted = replace(setting, panel=replace(panel, outcomes=outcomes))
    made = estimate(WithinBlock().scores(weighted), panel)
    found.append(_named(made, PRODUCTION, "production traffic"))
    explored = np.asarray(panel.exploration)
    return Seen(
        estimates=stack(found),
        weights=weights,
        weighted=(worth(weights[explored], of="weights to production traffic"),),
    )


def to_production(study: Study, panel: Panel, *, workers: int = 1) -> FloatArray:
    """Odds that a row is production traffic, for rows of exploration; shape (rows,), mean 1.

    From the slot, what is known of user and item, and what the item had so far; zero in other rows.
    """
    explored = panel.exploration
    if explored is None or explored.all():
        raise ValueError("Weights to production need rows of both kinds.")
    chosen = _sampled(study, explored)
    columns = _columns(study, panel)
    shared = features(replace(panel, columns=columns), tuple(columns), chosen)
    task = Task(
        features=shared,
        target=(~explored[chosen]).astype(float),
        weight=None,
        objective="binary",
        classes=2,
    )
    predicted = cross_fit((task,), panel.folds[chosen], Boosting(), workers)[0].observed
    share = predicted[:, -1] if predicted.ndim > 1 else predicted
    out = np.zeros(panel.rows)
    out[chosen] = share / (1 - share)
    out[~explored] = 0.0
    return np.asarray(out / out[explored].mean())


def worth(weights: FloatArray, *, of: str, attribute: str = "") -> Weighted:
    """What weights are worth: the share of the largest, and the rows they stand for.

    >>> worth(np.array([1.0, 1.0, 2.0]), of="weights").largest
    0.5
    """
    total = float(weights.sum())
    return Weighted(
        of=of,
        attribute=attribute,
        largest=float(weights.max()) / total,
        effective=total**2 / float((weights**2).sum()) / weights.size,
    )


def _sampled(study: Study, explored: BoolArray) -> BoolArray:
    """Exploration rows, and as many production rows as the model of traffic needs."""
    rows = np.flatnonzero(~explored)
    most = min(rows.size, BESIDE * int(explored.sum()))
    drawn = stream(study.settings.seed, "paths", "production rows").permutation(rows.size)[:most]
    out = explored.copy()
    out[rows[drawn]] = True
    return out


def _columns(study: Study, panel: Panel) -> dict[str, Column]:
    """What tells traffic apart: never an attribute, so that weights are the same with and without."""
    names = dict.fromkeys((*study.confounders, *study.modifiers, *study.mediators))
    columns = {name: panel.columns[name] for name in names}
    rows = panel.paths
    if rows is not None and rows.slot is not None:
        name = study.exposure.position if study.exposure is not None else None
        columns[str(name)] = Column(
            name=str(name), kind=Kind.CONTINUOUS, values=rows.slot.astype(float)
        )
    past = _so_far(study, panel)
    if past is not None:
        columns[PAST] = Column(name=PAST, kind=Kind.CONTINUOUS, values=past)
    return columns


def _so_far(study: Study, panel: Panel) -> FloatArray | None:
    """Mean of the first outcome over an item's rows of earlier times; NaN for its first ones."""
    rows = panel.paths
    if rows is None or rows.item is None or panel.time is None:
        return None
    value = panel.outcomes[study.outcomes[0].name].value
    order = np.lexsort([panel.time.astype(np.int64), rows.item])
    item, time = rows.item[order], panel.time[order].astype(np.int64)
    known = ~np.isnan(value[order])
    before = np.concatenate([[0.0], np.cumsum(np.where(known, value[order], 0.0))])
    counted = np.concatenate([[0.0], np.cumsum(known)])
    group = np.concatenate([[True], item[1:] != item[:-1]])
    tick = group | np.concatenate([[True], time[1:] != time[:-1]])
    first = np.maximum.accumulate(np.where(group, np.arange(item.size), 0))
    start = np.maximum.accumulate(np.where(tick, np.arange(item.size), 0))
    number = counted[start] - counted[first]
    total = before[start] - before[first]
    out = np.full(item.size, np.nan)
    out[order] = np.where(number > 0, total / np.maximum(number, 1.0), np.nan)
    return out


def _named(found: Estimates, design: str, traffic: str) -> Estimates:
    population = {PRODUCTION: "production traffic, from rows whose exposure was randomised"}
    return replace(
        found,
        labels=tuple(
            replace(
                label,
                path="user",
                design=design,
                estimand=f"per impression, {traffic}",
                population=population.get(design, label.population),
            )
            for label in found.labels
        ),
    )
