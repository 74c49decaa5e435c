"""How outcomes are drawn anew: what is expected, and noise like the table's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.streams import integer_seed, stream
from causal.data.panel import FloatArray, IntArray, Measured, Panel
from causal.data.planting import (
    Components,
    Latent,
    Named,
    chances,
    independent,
    matched,
    shared_part,
)
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._features import features
from causal.evaluation._generating import Generated, Growth, expected_value

MANY = 10.0  # with more counts a row on average, a row's own noise is kept instead of drawn
LEAST_OF_MEAN = 0.1  # no row's baseline rate is lower than this part of the mean rate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawable:
    """How one outcome is drawn: ``kind`` is additive, chance (0 or 1) or counts (n of d).

    ``spread`` is the overdispersion of counts: 0 binomial, near 1 all or nothing.
    """

    kind: str
    baseline: FloatArray
    noise: Components | None = None
    spread: float = 0.0


def outcomes_of(
    study: Study,
    panel: Panel,
    held: tuple[str, ...],
    fixed: IntArray | None,
    named: Named,
) -> tuple[dict[str, Drawable], Latent]:
    # Between blocks an attribute carries what confounds it, which must stay in the baseline.
    at = _references(study, panel) if fixed is None else {}
    columns = tuple(name for name in panel.columns if name in {*held, *at})
    shared = features(panel, columns, np.ones(panel.rows, dtype=bool))
    codes = tuple(codes for _, codes in named)
    groups = independent(named, fixed, panel.rows)
    made: dict[str, Drawable] = {}
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
            value = realised(own, own.baseline, panel.outcomes[name], field[:, j], draws)
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
) -> tuple[Drawable, FloatArray]:
    """How an outcome is drawn, and its residuals, (rows,)."""
    residual = measured.value - found.unseen
    baseline, spent = found.everywhere, 0.0
    if fixed is not None:
        block = shared_part(residual, fixed, measured.weight)
        baseline, residual = baseline + block.values[fixed], residual - block.values[fixed]
        spent = block.spent
    kind = kind_of(measured)
    if kind == "additive":
        noise = Components.of(residual, codes, spent)
        return Drawable(kind=kind, baseline=baseline, noise=noise), residual
    known = ~np.isnan(measured.value)
    mean = float(np.average(measured.value[known], weights=measured.weight[known]))
    baseline = np.clip(baseline, LEAST_OF_MEAN * mean, 1 - LEAST_OF_MEAN * (1 - mean))
    spread = 0.0
    if kind == "counts" and measured.denominator is not None:
        spread = _overdispersion(
            residual[known], baseline[known], measured.denominator[known], spent
        )
    return Drawable(kind=kind, baseline=baseline, spread=spread), residual


def kind_of(measured: Measured) -> str:
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


def realised(
    own: Drawable,
    rate: FloatArray,
    measured: Measured,
    field: FloatArray,
    draws: np.random.Generator,
) -> FloatArray:
    """Draw 0 or 1, or a share of counts, at a rate, (rows,)."""
    from scipy.special import betaincinv

    chance = chances(field)
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
