"""Every effect by one linear regression, and again without one column that is held fixed.

Within blocks the regression is the design's own. A modelled design is stood for by the linear
terms of its columns and the products of two that the outcome follows: no model is fitted again,
all is algebra on one matrix of products, and the long and the short regression are of one class.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from causal.base.streams import stream
from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import Column, FloatArray, IntArray
from causal.estimation._contrasts import Contrast
from causal.estimation._estimates import cells_of, sums, variance
from causal.estimation._estimator import Setting
from causal.estimation._features import TRIM, Basis
from causal.estimation._fit import Fit
from causal.estimation.within_block import demean
from causal.evaluation._bounds import Gain, gain
from causal.evaluation._evaluated import once_a_fit

MOST_ROWS = 50_000
MOST_TERMS = 400
MOST_PRODUCTS = 30
_TINY = 1e-9

Effect = tuple[str, str, str]
Sources = tuple[tuple[str, ...], ...]
Cells = tuple[IntArray, tuple[IntArray, ...]]


class Omission(NamedTuple):
    """An estimate without one column: how far it moves, the error of that, and its strength.

    ``moved`` and ``error`` are in units of the outcome.
    """

    column: str
    moved: float
    error: float
    gain: Gain


@once_a_fit
def omissions(fit: Fit) -> dict[Effect, tuple[Omission, ...]]:
    """Leave out each column held fixed, for every effect of a design, by (attribute, ...)."""
    if fit.design.name == "naive":
        return {}
    made: dict[tuple[str, bytes], _Regression] = {}
    found: dict[Effect, tuple[Omission, ...]] = {}
    for attribute in fit.setting.study.attributes:
        held = fit.design.adjustment.get(attribute.name, ())
        if attribute.name in fit.design.refused or not held:
            continue
        for outcome in fit.setting.study.outcomes:
            rows = _few(fit.setting, fit.setting.known(attribute, outcome))
            key = (outcome.name, rows.tobytes())
            if key not in made:
                made[key] = _regression(fit, outcome, rows)
            for contrast in fit.setting.contrasts(attribute):
                effect = (attribute.name, contrast.label, outcome.name)
                found[effect] = _without_each(fit, made[key], attribute, contrast)
    return found


def _few(setting: Setting, rows: IntArray) -> IntArray:
    """At most so many rows, by whole clusters drawn at random."""
    if rows.size <= MOST_ROWS:
        return rows
    codes = setting.panel.clusters[0]
    order = stream(setting.study.settings.seed, "omissions").permutation(int(codes.max()) + 1)
    place = order[codes[rows]]
    last = np.sort(place)[MOST_ROWS - 1]
    return rows[place <= last]


class _Regression(NamedTuple):
    """Terms and outcome of some rows, their weighted products, and whose term each is."""

    rows: IntArray
    terms: FloatArray  # (n, p), block or overall means taken out
    y: FloatArray
    weight: FloatArray
    scale: FloatArray  # (p,), what each term was divided by
    sources: Sources
    gram: FloatArray
    on_y: FloatArray


def _regression(fit: Fit, outcome: Outcome, rows: IntArray) -> _Regression:
    panel = fit.setting.panel
    measured = panel.outcomes[outcome.name]
    weight, block = measured.weight[rows], _blocks(fit, rows)
    parts, sources = _all_terms(fit, rows)
    inside = demean(np.column_stack([parts, measured.value[rows]]), weight, block)
    terms, y = inside[:, :-1], inside[:, -1]
    scale = np.maximum(np.sqrt(np.average(terms**2, axis=0, weights=weight)), _TINY)
    terms = terms / scale
    if not fit.design.within_block:
        terms, sources = _with_products(terms, y, weight, sources)
    weighted = terms * weight[:, None]
    return _Regression(rows, terms, y, weight, scale, sources, weighted.T @ terms, weighted.T @ y)


def _blocks(fit: Fit, rows: IntArray) -> IntArray:
    block = fit.setting.panel.block
    if not fit.design.within_block or block is None:
        return np.zeros(rows.size, dtype=np.int64)
    return np.asarray(np.unique(block[rows], return_inverse=True)[1])


def _all_terms(fit: Fit, rows: IntArray) -> tuple[FloatArray, Sources]:
    """Linear terms of every attribute and every column held fixed for one."""
    setting = fit.setting
    own = {attribute.name: attribute for attribute in setting.study.attributes}
    held = [name for names in fit.design.adjustment.values() for name in names]
    parts: list[FloatArray] = []
    sources: list[tuple[str, ...]] = []
    for name in dict.fromkeys([*own, *held]):
        column = setting.panel.columns[name]
        levels = _levels(setting, own[name]) if name in own else None
        made = _terms(column, column.values[rows], levels, trim=not fit.design.within_block)
        if made.shape[1] and len(sources) + made.shape[1] <= MOST_TERMS:
            parts.append(made)
            sources += [(name,)] * made.shape[1]
    return np.hstack(parts), tuple(sources)


def _levels(setting: Setting, attribute: Attribute) -> tuple[float, ...] | None:
    """Levels of an attribute with dummies of its own, in the order of its contrasts."""
    if setting.panel.columns[attribute.name].kind is Kind.CONTINUOUS:
        return None
    return tuple(contrast.high for contrast in setting.contrasts(attribute))


def _terms(
    column: Column, values: FloatArray, levels: tuple[float, ...] | None, *, trim: bool
) -> FloatArray:
    if levels is None:
        return Basis.of(column, values, TRIM if trim else 0.0).terms(values)
    dummies = (values[:, None] == np.array(levels)[None, :]).astype(float)
    missing = np.isnan(values)
    return np.column_stack([dummies, missing]) if missing.any() else dummies


def _with_products(
    terms: FloatArray, y: FloatArray, weight: FloatArray, sources: Sources
) -> tuple[FloatArray, Sources]:
    """Add the products of two terms that the outcome follows beyond chance."""
    gram = (terms * weight[:, None]).T @ terms
    beta = np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ (terms.T @ (weight * y))
    pairs = _followed(terms, (y - terms @ beta) * weight)
    if not pairs.size:
        return terms, sources
    products = terms[:, pairs[:, 0]] * terms[:, pairs[:, 1]]
    products -= np.average(products, axis=0, weights=weight)
    spread = np.sqrt(np.average(products**2, axis=0, weights=weight))
    names = tuple(tuple(dict.fromkeys(sources[i] + sources[j])) for i, j in pairs)
    return np.hstack([terms, products / np.maximum(spread, _TINY)]), (*sources, *names)


def _followed(z: FloatArray, residual: FloatArray) -> IntArray:
    """Pairs of terms whose product residuals follow beyond the largest of chance, (m, 2)."""
    score = (z * residual[:, None]).T @ z
    noise = (z**2 * residual[:, None] ** 2).T @ z**2
    size = np.abs(score) / np.sqrt(np.maximum(noise, 1e-300))
    first, second = np.triu_indices(z.shape[1])
    strength = size[first, second]
    chance = np.sqrt(2 * np.log(max(strength.size, 2))) + 1
    order = np.argsort(-strength, kind="stable")[:MOST_PRODUCTS]
    kept = order[strength[order] > chance]
    return np.column_stack([first[kept], second[kept]])


class _Slope(NamedTuple):
    """Slope on the attribute, sigma2, nu2, and the influence of every row on the slope, (n,)."""

    value: float
    sigma2: float
    nu2: float
    influence: FloatArray


def _without_each(
    fit: Fit, regression: _Regression, attribute: Attribute, contrast: Contrast
) -> tuple[Omission, ...]:
    panel, held = fit.setting.panel, fit.design.adjustment[attribute.name]
    if (attribute.name,) not in regression.sources:
        return ()
    target = _target(fit.setting, regression, attribute, contrast)
    controls = _controls(regression, attribute.name, held, target)
    long = _slope(regression, target, controls)
    if long is None:
        return ()
    continuous = panel.columns[attribute.name].kind is Kind.CONTINUOUS
    step = contrast.high - contrast.low if continuous else 1.0
    unit = step / float(regression.scale[target])
    codes, ways = cells_of(panel.clusters)
    found = []
    for name in held:
        kept = [j for j in controls if name not in regression.sources[j]]
        short = _slope(regression, target, kept) if len(kept) < len(controls) else None
        if short is not None:
            found.append(_omission(name, long, short, unit, (codes[regression.rows], ways)))
    return tuple(found)


def _target(
    setting: Setting, regression: _Regression, attribute: Attribute, contrast: Contrast
) -> int:
    """Where the contrasted level stands among the terms."""
    first = regression.sources.index((attribute.name,))
    levels = _levels(setting, attribute)
    return first if levels is None else first + levels.index(contrast.high)


def _controls(regression: _Regression, own: str, held: tuple[str, ...], target: int) -> list[int]:
    """Terms of what is held fixed, and the attribute's other levels; no product with it."""
    return [
        j
        for j, names in enumerate(regression.sources)
        if j != target and (names == (own,) or set(names) <= set(held))
    ]


def _slope(regression: _Regression, target: int, controls: list[int]) -> _Slope | None:
    """Slope of the outcome on one term, others held fixed; None when they determine it."""
    weight, total = regression.weight, float(regression.weight.sum())
    own = regression.terms[:, target]
    index = np.array(controls, dtype=np.int64)
    goal = np.column_stack([regression.gram[index, target], regression.on_y[index]])
    inner = regression.gram[np.ix_(index, index)]
    beta = np.linalg.pinv(inner, rcond=1e-10, hermitian=True) @ goal if index.size else goal
    fitted = regression.terms[:, index] @ beta
    r_a, r_y = own - fitted[:, 0], regression.y - fitted[:, 1]
    spread = float(weight @ r_a**2)
    if not spread > _TINY * float(weight @ own**2):
        return None
    value = float(weight @ (r_a * r_y)) / spread
    left = r_y - value * r_a
    return _Slope(
        value=value,
        sigma2=float(weight @ left**2) / total,
        nu2=total / spread,
        influence=weight * r_a * left / spread,
    )


def _omission(name: str, long: _Slope, short: _Slope, unit: float, cells: Cells) -> Omission:
    codes, ways = cells
    apart = sums((short.influence - long.influence)[:, None], codes, ways[0].size)
    error = float(np.sqrt(max(variance(apart, apart, ways)[0], 0.0)))
    return Omission(
        column=name,
        moved=unit * (short.value - long.value),
        error=abs(unit) * error,
        gain=gain(long[:3], short[:3]),
    )
