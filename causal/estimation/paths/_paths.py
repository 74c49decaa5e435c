"""Every path of every attribute that the rows allow to tell."""

from __future__ import annotations

import numpy as np

from causal.base.errors import CausalError
from causal.content.attribute import Kind
from causal.data.panel import BoolArray, FloatArray, Panel
from causal.design.study import Study
from causal.estimation._estimates import Estimates, stack
from causal.estimation._fit import Fit
from causal.estimation._inference import infer
from causal.estimation.exposure.exploration import Examination, examination
from causal.estimation.paths._found import Added, Bound, Paths, Weighted
from causal.estimation.paths.bounds import bound
from causal.estimation.paths.replay import Seen, added, looked, replay, views
from causal.estimation.paths.separable import separable
from causal.estimation.paths.user_seen import LOGGED, PRODUCTION, user_seen, worth


def find_paths(study: Study, panel: Panel, fits: tuple[Fit, ...], *, workers: int = 1) -> Paths:
    """Find the parts of each attribute's effect: what users see, what the ranker makes of it.

    Parameters
    ----------
    study
        With the part ``exposure``.
    panel
        Impressions, or items of randomised cells.
    fits
        Of every design, over the whole table.
    workers
        Models fitted at a time.
    """
    if panel.paths is None:
        raise ValueError("The study does not say how exposure came about.")
    if panel.paths.ranked is not None:
        held = next((each for fit in fits if (each := _held(study, fit))), ())
        return Paths(estimates=separable(study, panel, held=held, workers=workers))
    seen = user_seen(study, panel, {fit.design.name: fit for fit in fits}, workers=workers)
    curve = _curve(study, panel)
    look = looked(panel, curve, _traffic(panel, seen.estimates))
    parts = [seen.estimates]
    ends: list[Bound | None] = []
    weights, more = list(seen.weighted), list[Added]()
    for attribute in study.attributes:
        flipped = attribute.name in panel.paths.flipped
        if panel.columns[attribute.name].kind is not Kind.BINARY and not flipped:
            continue
        for outcome in study.outcomes:
            own = _seen(seen.estimates, attribute.name, outcome.name)
            if flipped:
                parts.append(replay(study, panel, attribute, outcome, own, look))
            elif study.exposure is not None and study.exposure.monotone:
                ends.append(bound(study, panel, attribute, outcome, own, look))
        if flipped:
            weights.append(_worth(study, panel, attribute.name))
            more.append(_added(study, added(study, panel, attribute)))
    return Paths(
        estimates=stack(parts),
        bounds=tuple(each for each in ends if each is not None),
        examination=curve,
        band=_band(study, curve),
        weights=tuple(weights),
        added=tuple(more),
    )


def _held(study: Study, fit: Fit) -> tuple[str, ...]:
    """What a design holds fixed for the one attribute of cells."""
    return tuple(fit.design.adjustment.get(study.attributes[0].name, ()))


def _seen(found: Estimates, attribute: str, outcome: str) -> Seen:
    """What users see, on production traffic where it is known, else on the traffic that is."""
    rows = [
        i
        for i, label in enumerate(found.labels)
        if (label.attribute, label.outcome) == (attribute, outcome)
    ]
    i = next((i for i in rows if found.labels[i].design == PRODUCTION), rows[0])
    return Seen(
        value=float(found.values[i]),
        influence=found.influence[:, i],
        df=float(found.df[i]),
        refusal=found.refusal[i],
        identification=found.labels[i].identification,
    )


def _traffic(panel: Panel, found: Estimates) -> BoolArray:
    """Rows that what users see was told for."""
    designs = {label.design for label in found.labels}
    if panel.exploration is None or LOGGED in designs:
        return np.ones(panel.rows, dtype=bool)
    return np.asarray(~panel.exploration if PRODUCTION in designs else panel.exploration)


def _curve(study: Study, panel: Panel) -> Examination | None:
    """The examination curve of the first outcome that has one."""
    rows = panel.paths
    if rows is None or rows.slot is None or panel.exploration is None:
        return None
    explored = panel.exploration
    for outcome in study.outcomes:
        measured = panel.outcomes[outcome.name]
        known = explored & ~np.isnan(measured.value)
        if measured.numerator is not None or not known.any():
            continue
        if not np.array_equal(known, explored):
            continue
        try:
            found = examination(
                measured.value[known],
                rows.slot[known],
                tuple(way[known] for way in panel.clusters),
                name=outcome.name,
            )
        except CausalError:
            continue
        if not any(found.estimates.refusal):
            return found
    return None


def _band(study: Study, curve: Examination | None) -> FloatArray | None:
    if curve is None:
        return None
    settings = study.settings
    made = infer(
        curve.estimates, level=settings.level, multiplicity="simultaneous", seed=settings.seed,
        family="examination",
    )  # fmt: skip
    return np.column_stack([made.simultaneous_low, made.simultaneous_high])


def _worth(study: Study, panel: Panel, name: str) -> Weighted:
    attribute = next(each for each in study.attributes if each.name == name)
    view = views(panel, attribute)
    return worth(
        np.where(view.has, view.off, view.on), of="replay of the other view", attribute=name
    )


def _added(study: Study, found: Estimates) -> Added:
    made = infer(
        found, level=study.settings.level, multiplicity="none", seed=0, family="exposure added"
    )
    return Added(
        attribute=found.labels[0].attribute,
        value=float(found.values[0]),
        low=float(made.ci_low[0]),
        high=float(made.ci_high[0]),
    )
