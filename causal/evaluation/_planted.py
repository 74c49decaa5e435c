"""A table's own world with effects planted in it: its rows, blocks, clusters and gaps, new draws.

What is kept: every column that is no attribute and no outcome, which values are missing, weights,
denominators, blocks, clusters, folds. What is drawn anew: attributes, from what the table says
they depend on, at the level at which they are assigned; outcomes, from what is expected at the
reference of every attribute, the planted effects, and noise like the table's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, IntArray, Measured, Panel
from causal.data.planting import Latent, Named, chances, constant_within, groupings, shuffled
from causal.design.design import Design
from causal.design.study import Study
from causal.evaluation._drawn_attributes import Drawn, attributes_of
from causal.evaluation._drawn_outcomes import Drawable, kind_of, outcomes_of, realised


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect to plant: what ``high`` against ``low`` adds to the outcome."""

    attribute: str
    contrast: str
    outcome: str
    high: float
    low: float
    size: float

    @property
    def key(self) -> tuple[str, str, str]:
        """Attribute, contrast and outcome."""
        return self.attribute, self.contrast, self.outcome


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A table's own world, fitted once; every run draws from it.

    ``drawn`` is empty when attributes are ``shuffled`` within blocks (``units`` change places).
    ``levels`` says for each attribute at which level it is assigned, in words.
    """

    study: Study
    panel: Panel
    design: Design
    outcomes: Mapping[str, Drawable]
    drawn: Mapping[str, Drawn]
    fields: Latent
    noise_fields: Latent
    units: IntArray | None
    levels: Mapping[str, str]

    @property
    def shuffles(self) -> bool:
        """Whether attributes change places within their blocks."""
        return self.units is not None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draw:
    """One table drawn from a world, and what each planted effect does to every row, (rows,)."""

    panel: Panel
    moved: Mapping[tuple[str, str, str], FloatArray]
    clipped: float


def world(study: Study, panel: Panel, design: Design) -> World:
    """Fit a table's own world: what attributes and outcomes depend on, and their noise."""
    fixed = panel.block if design.within_block else None
    named = _groups(panel, fixed)
    held = _held(study, panel)
    units, levels = _assignment(study, panel, design, named)
    drawn: dict[str, Drawn] = {}
    fields = Latent.alone(len(study.attributes))
    if units is None:
        drawn, fields, levels = attributes_of(study, panel, held, fixed, named)
    outcomes, noise = outcomes_of(study, panel, held, fixed, named)
    return World(
        study=study,
        panel=panel,
        design=design,
        outcomes=outcomes,
        drawn=drawn,
        fields=fields,
        noise_fields=noise,
        units=units,
        levels=levels,
    )


def _groups(panel: Panel, fixed: IntArray | None) -> Named:
    """Groupings the study names, clusters and parties, coarsest first."""
    clusters = zip(panel.cluster_names, panel.clusters, strict=True)
    return groupings([*clusters, *sorted((panel.parties or {}).items())], without=fixed)


def _held(study: Study, panel: Panel) -> tuple[str, ...]:
    """The columns attributes and outcomes may depend on: confounders and modifiers."""
    wanted = {*study.confounders, *study.modifiers} - {a.name for a in study.attributes}
    return tuple(name for name in panel.columns if name in wanted)


def _assignment(
    study: Study,
    panel: Panel,
    design: Design,
    named: Named,
) -> tuple[IntArray | None, dict[str, str]]:
    """The units that change places within blocks, when chance placed them there; else None."""
    if not (design.within_block and study.assignment == "randomized") or panel.block is None:
        return None, {}
    names = [a.name for a in study.attributes]
    for name, codes in named:
        inside = np.unique(np.stack([codes, panel.block]), axis=1).shape[1]
        nested = inside == int(codes.max()) + 1
        if nested and all(constant_within(panel.columns[n].values, codes) for n in names):
            return codes, dict.fromkeys(names, f"shuffled within the block, {name} by {name}")
    return np.arange(panel.rows), dict.fromkeys(names, "shuffled within the block, row by row")


def draw(made: World, effects: tuple[Effect, ...], run: int) -> Draw:
    """Draw one table with these effects in it; the same run gives the same table."""
    seed, panel = made.study.settings.seed, made.panel
    columns = dict(panel.columns)
    for name, values in _drawn_values(made, stream(seed, "calibrate", "draw", run)).items():
        columns[name] = replace(columns[name], values=values)
    outcomes = dict(panel.outcomes)
    moved: dict[tuple[str, str, str], FloatArray] = {}
    clipped, cells = 0, 0
    noise = stream(seed, "calibrate", "noise", run)
    fields = made.noise_fields.draw(noise, panel.rows)
    lively = 0
    for name, own in made.outcomes.items():
        added = _added(columns, [e for e in effects if e.outcome == name])
        rate = own.baseline + sum(added.values(), np.zeros(panel.rows))
        if own.kind == "additive" and own.noise is not None:
            # The same signs for every additive outcome keep what they have in common.
            value = rate + own.noise.draw(stream(seed, "calibrate", "signs", run))
        else:
            value = realised(own, rate, panel.outcomes[name], fields[:, lively], noise)
            clipped += int(np.sum((rate < 0) | (rate > 1)))
            lively += 1
        cells += panel.rows
        outcomes[name] = _measured(panel.outcomes[name], value)
        moved |= _moved(own, rate, columns, [e for e in effects if e.outcome == name])
    return Draw(
        panel=replace(panel, columns=columns, outcomes=outcomes),
        moved=moved,
        clipped=clipped / max(cells, 1),
    )


def _drawn_values(made: World, draws: np.random.Generator) -> dict[str, FloatArray]:
    panel, found = made.panel, {}
    if made.units is not None and panel.block is not None:
        source = shuffled(panel.block, made.units, draws)
        return {a.name: panel.columns[a.name].values[source] for a in made.study.attributes}
    field = made.fields.draw(draws, panel.rows)
    for j, (name, own) in enumerate(made.drawn.items()):
        values = own.values(chances(field[:, j]))
        found[name] = np.where(panel.columns[name].missing, panel.columns[name].values, values)
    return found


def _added(columns: Mapping[str, Column], effects: list[Effect]) -> dict[Effect, FloatArray]:
    """What each effect adds to each row, centred, so that the level of the outcome stays."""
    found = {}
    for effect in effects:
        own = _part(columns[effect.attribute], effect)
        found[effect] = own - own.mean()
    return found


def _part(column: Column, effect: Effect) -> FloatArray:
    values = np.nan_to_num(column.values, nan=effect.low)
    if column.kind is Kind.CONTINUOUS:
        return effect.size * (values - effect.low) / (effect.high - effect.low)
    return effect.size * (values == effect.high)


def _moved(
    own: Drawable, rate: FloatArray, columns: Mapping[str, Column], effects: list[Effect]
) -> dict[tuple[str, str, str], FloatArray]:
    """The true effect of each contrast on every row: less than planted where a rate hits its end."""
    found = {}
    for effect in effects:
        if own.kind == "additive":
            found[effect.key] = np.full(rate.size, effect.size)
            continue
        mine = [e for e in effects if e.attribute == effect.attribute]
        column = columns[effect.attribute]
        low = rate - sum((_part(column, e) for e in mine), np.zeros(rate.size))
        found[effect.key] = np.clip(low + effect.size, 0, 1) - np.clip(low, 0, 1)
    return found


def _measured(measured: Measured, value: FloatArray) -> Measured:
    """The outcome with new values where it was known."""
    known = ~np.isnan(measured.value)
    new = np.where(known, value, measured.value)
    numerator = measured.numerator
    if numerator is not None and measured.denominator is not None:
        numerator = np.where(known, value * measured.denominator, numerator)
        if kind_of(measured) == "counts":
            numerator = np.where(known, np.round(numerator), numerator)
    return replace(measured, value=new, numerator=numerator)
