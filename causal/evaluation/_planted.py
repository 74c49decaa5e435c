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

from causal.base.streams import integer_seed, stream
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, IntArray, Measured, Panel
from causal.data.planting import (
    Components,
    Latent,
    Named,
    constant_within,
    groupings,
    matched,
    shared_part,
    shuffled,
)
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._features import Features, features
from causal.evaluation._generating import (
    Generated,
    Growth,
    bounded,
    expected_value,
    level_shares,
)

LEAST_OF_SHARE = 0.01  # a level is nowhere less likely than this part of how often it comes
MANY = 10.0  # with more counts a row on average, a row's own noise is kept instead of drawn
LEAST_OF_MEAN = 0.1  # no row's baseline rate is lower than this part of the mean rate


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
class _Drawn:
    """How one attribute is drawn: shares (n, levels), or a centre (n,) and sorted residuals."""

    shares: FloatArray | None
    centre: FloatArray | None = None
    noise: FloatArray | None = None
    ends: tuple[float, float] = (-np.inf, np.inf)

    def values(self, chance: FloatArray) -> FloatArray:
        """Turn a uniform number a row, (n,), into values."""
        if self.shares is not None:
            below = np.cumsum(self.shares[:, :-1], axis=1)
            return np.asarray((chance[:, None] > below).sum(axis=1), dtype=float)
        if self.centre is None or self.noise is None or not self.noise.size:
            return np.zeros(chance.size)
        spread = np.quantile(self.noise, chance, method="linear")
        return np.clip(self.centre + spread, *self.ends)

    def expected(self) -> FloatArray:
        """What the attribute is on average, codes of levels as numbers, (n,)."""
        if self.shares is not None:
            return self.shares @ np.arange(self.shares.shape[1], dtype=float)
        return np.zeros(0) if self.centre is None else self.centre


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Outcome:
    """How one outcome is drawn: ``kind`` is additive, chance (0 or 1) or counts (n of d).

    ``spread`` is the overdispersion of counts: 0 binomial, near 1 all or nothing.
    """

    kind: str
    baseline: FloatArray
    noise: Components | None = None
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A table's own world, fitted once; every run draws from it.

    ``drawn`` is empty when attributes are ``shuffled`` within blocks (``units`` change places).
    ``levels`` says for each attribute at which level it is assigned, in words.
    """

    study: Study
    panel: Panel
    design: Design
    outcomes: Mapping[str, _Outcome]
    drawn: Mapping[str, _Drawn]
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
    drawn: dict[str, _Drawn] = {}
    fields = Latent.alone(len(study.attributes))
    if units is None:
        drawn, fields, levels = _attributes(study, panel, held, fixed, named)
    outcomes, noise = _outcomes(study, panel, held, fixed, named)
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


def _independent(panel: Panel, fixed: IntArray | None, named: Named) -> int:
    """How many groups of rows are independent of each other."""
    counts = [int(codes.max()) + 1 for _, codes in named]
    if fixed is not None:
        counts.append(int(np.unique(fixed).size))
    return min(counts, default=panel.rows)


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


def _attributes(
    study: Study,
    panel: Panel,
    held: tuple[str, ...],
    fixed: IntArray | None,
    named: Named,
) -> tuple[dict[str, _Drawn], Latent, dict[str, str]]:
    shared = features(panel, held, np.ones(panel.rows, dtype=bool))
    drawn: dict[str, _Drawn] = {}
    residuals = []
    levels: dict[str, str] = {}
    whole: dict[str, int] = {}
    groups = _independent(panel, fixed, named)
    for attribute in study.attributes:
        column = panel.columns[attribute.name]
        seed = integer_seed(study.settings.seed, "calibrate", "attribute", attribute.name)
        group = next(
            (g for g, (_, codes) in enumerate(named) if constant_within(column.values, codes)), None
        )
        levels[attribute.name] = (
            "drawn row by row" if group is None else f"drawn by {named[group][0]}"
        )
        if group is not None:
            whole[attribute.name] = group
        by = None if group is None else named[group][1]
        make = _continuous if column.kind is Kind.CONTINUOUS else _levelled
        growth = Growth(seed=seed, groups=groups)
        own, residual = make(panel, column, shared, fixed, by, growth)
        drawn[attribute.name] = own
        residuals.append(residual)
    codes = tuple(codes for _, codes in named)
    fields = _fields(study, list(drawn.values()), np.column_stack(residuals), codes)
    shares = fields.shares.copy()
    for j, attribute in enumerate(study.attributes):
        if attribute.name in whole:
            shares[:, j] = 0.0
            shares[whole[attribute.name], j] = 1.0
        elif shares.size and shares[:, j].max() > 0.02:
            g = int(np.argmax(shares[:, j]))
            levels[attribute.name] = f"drawn row by row, alike within {named[g][0]}"
    return drawn, replace(fields, shares=shares), levels


def _fields(
    study: Study, drawn: list[_Drawn], residuals: FloatArray, codes: tuple[IntArray, ...]
) -> Latent:
    gaps = np.isnan(residuals)
    expected = np.column_stack([each.expected() for each in drawn])

    def simulated(field: FloatArray) -> FloatArray:
        made = np.column_stack([each.values(_chance(field[:, j])) for j, each in enumerate(drawn)])
        return np.where(gaps, np.nan, made - expected)

    seed = study.settings.seed
    return matched(
        residuals, codes, simulated, lambda: stream(seed, "calibrate", "matching attributes")
    )


def _levelled(
    panel: Panel,
    column: Column,
    shared: Features,
    fixed: IntArray | None,
    by: IntArray | None,
    growth: Growth,
) -> tuple[_Drawn, FloatArray]:
    levels = len(column.levels)
    codes = column.values
    known = ~np.isnan(codes)
    share = np.bincount(codes[known].astype(int), minlength=levels) / max(int(known.sum()), 1)
    given = (panel.propensities or {}).get(column.name)
    if given is None:
        found = level_shares(shared, codes, levels, panel.folds, growth)
    else:
        e = given if given.ndim == 2 else np.column_stack([1 - given, given])
        found = Generated(everywhere=e, unseen=e)
    everywhere = found.everywhere
    if fixed is not None and given is None:
        seen = np.where(known[:, None], codes[:, None] == np.arange(levels), np.nan)
        apart = [shared_part(seen[:, j] - found.unseen[:, j], fixed) for j in range(levels)]
        block = np.column_stack([each.values[fixed] for each in apart])
        everywhere = everywhere + block
        found = replace(found, unseen=found.unseen + block)
    if by is not None:
        everywhere = np.column_stack([_averaged(e, by) for e in everywhere.T])
    everywhere = bounded(everywhere, LEAST_OF_SHARE * share)
    residual = codes - found.unseen @ np.arange(levels, dtype=float)
    return _Drawn(shares=everywhere), residual


def _continuous(
    panel: Panel,
    column: Column,
    shared: Features,
    fixed: IntArray | None,
    by: IntArray | None,
    growth: Growth,
) -> tuple[_Drawn, FloatArray]:
    found = expected_value(shared, column.values, None, panel.folds, growth)
    residual = column.values - found.unseen
    centre = found.everywhere
    if fixed is not None:
        block = shared_part(residual, fixed).values[fixed]
        centre, residual = centre + block, residual - block
    if by is not None:
        centre = _averaged(centre, by)
    known = residual[~np.isnan(residual)]
    values = column.values[~np.isnan(column.values)]
    ends = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    noise = np.sort(known - known.mean()) if known.size else known
    return _Drawn(shares=None, centre=centre, noise=noise, ends=ends), residual


def _averaged(values: FloatArray, codes: IntArray) -> FloatArray:
    return np.asarray((np.bincount(codes, weights=values) / np.bincount(codes))[codes])


def _chance(field: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.clip(ndtr(field), 1e-12, 1 - 1e-12)


def _outcomes(
    study: Study,
    panel: Panel,
    held: tuple[str, ...],
    fixed: IntArray | None,
    named: Named,
) -> tuple[dict[str, _Outcome], Latent]:
    # Between blocks an attribute carries what confounds it, which must stay in the baseline.
    at = _references(study, panel) if fixed is None else {}
    columns = tuple(name for name in panel.columns if name in {*held, *at})
    shared = features(panel, columns, np.ones(panel.rows, dtype=bool))
    codes = tuple(codes for _, codes in named)
    groups = _independent(panel, fixed, named)
    made: dict[str, _Outcome] = {}
    residuals: dict[str, FloatArray] = {}
    for outcome in study.outcomes:
        measured = panel.outcomes[outcome.name]
        seed = integer_seed(study.settings.seed, "calibrate", "outcome", outcome.name)
        weight = measured.weight if outcome.is_ratio else None
        growth = Growth(seed=seed, groups=groups)
        found = expected_value(shared, measured.value, weight, panel.folds, growth, at)
        made[outcome.name], residuals[outcome.name] = _outcome(measured, found, fixed, codes)
    lively = [name for name, own in made.items() if own.kind != "additive"]
    if not lively:
        return made, Latent.alone(0)
    seen = np.column_stack([residuals[name] for name in lively])

    def simulated(field: FloatArray) -> FloatArray:
        draws = stream(study.settings.seed, "calibrate", "matching counts")
        parts = []
        for j, name in enumerate(lively):
            own = made[name]
            value = _realised(own, own.baseline, panel.outcomes[name], field[:, j], draws)
            parts.append(value - own.baseline)
        return np.where(np.isnan(seen), np.nan, np.column_stack(parts))

    seed = study.settings.seed
    fields = matched(seen, codes, simulated, lambda: stream(seed, "calibrate", "matching noise"))
    return made, fields


def _references(study: Study, panel: Panel) -> dict[str, float]:
    everything = np.ones(panel.rows, dtype=bool)
    found = {}
    for attribute in study.attributes:
        listed = contrasts(attribute, panel.columns[attribute.name], everything)
        found[attribute.name] = listed[0].low if listed else 0.0
    return found


def _outcome(
    measured: Measured, found: Generated, fixed: IntArray | None, codes: tuple[IntArray, ...]
) -> tuple[_Outcome, FloatArray]:
    """How an outcome is drawn, and its residuals, (rows,)."""
    residual = measured.value - found.unseen
    baseline, spent = found.everywhere, 0.0
    if fixed is not None:
        block = shared_part(residual, fixed, measured.weight)
        baseline, residual = baseline + block.values[fixed], residual - block.values[fixed]
        spent = block.spent
    kind = _kind(measured)
    if kind == "additive":
        noise = Components.of(residual, codes, spent)
        return _Outcome(kind=kind, baseline=baseline, noise=noise), residual
    known = ~np.isnan(measured.value)
    mean = float(np.average(measured.value[known], weights=measured.weight[known]))
    baseline = np.clip(baseline, LEAST_OF_MEAN * mean, 1 - LEAST_OF_MEAN * (1 - mean))
    spread = 0.0
    if kind == "counts" and measured.denominator is not None:
        spread = _overdispersion(
            residual[known], baseline[known], measured.denominator[known], spent
        )
    return _Outcome(kind=kind, baseline=baseline, spread=spread), residual


def _kind(measured: Measured) -> str:
    value = measured.value[~np.isnan(measured.value)]
    if measured.numerator is None or measured.denominator is None:
        return "chance" if value.size and np.all((value == 0) | (value == 1)) else "additive"
    known = ~np.isnan(measured.value)
    n, d = measured.numerator[known], measured.denominator[known]
    whole = np.all(n == np.round(n)) and np.all(d == np.round(d))
    few = n.size and float(n.mean()) < MANY
    return "counts" if few and whole and np.all((n >= 0) & (n <= d) & (d > 0)) else "additive"


def _overdispersion(r: FloatArray, p: FloatArray, d: FloatArray, spent: float) -> float:
    """How much more rates vary than counts of independent trials: (0, 1), by moments.

    Rows count by their denominator squared, as they do in the variance of a weighted estimate.
    """
    grown = r.size / max(r.size - spent, 0.2 * r.size)
    chance = p * (1 - p)
    excess = float(np.sum(grown * d**2 * r**2) - np.sum(d * chance))
    return float(np.clip(excess / max(float(np.sum(d * (d - 1) * chance)), 1e-300), 0.0, 0.9))


def _realised(
    own: _Outcome,
    rate: FloatArray,
    measured: Measured,
    field: FloatArray,
    draws: np.random.Generator,
) -> FloatArray:
    """Draw 0 or 1, or a share of counts, at a rate, (rows,)."""
    from scipy.special import betaincinv

    chance = _chance(field)
    rate = np.clip(rate, 0.0, 1.0)
    if own.kind == "chance" or measured.denominator is None:
        return (chance < rate).astype(float)
    inside = np.clip(rate, 1e-9, 1 - 1e-9)
    if own.spread > 1e-9:
        size = 1 / own.spread - 1
        inside = betaincinv(inside * size, (1 - inside) * size, 1 - chance)
    trials = np.where(np.isnan(measured.denominator), 0, measured.denominator)
    made = draws.binomial(trials.astype(np.int64), np.clip(np.nan_to_num(inside), 0.0, 1.0))
    return np.asarray(made / np.maximum(trials, 1.0))


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
            value = _realised(own, rate, panel.outcomes[name], fields[:, lively], noise)
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
        values = own.values(_chance(field[:, j]))
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
    own: _Outcome, rate: FloatArray, columns: Mapping[str, Column], effects: list[Effect]
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
        if _kind(measured) == "counts":
            numerator = np.where(known, np.round(numerator), numerator)
    return replace(measured, value=new, numerator=numerator)
