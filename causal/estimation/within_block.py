"""Within block: weighted regression on all attributes after taking block means out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._contrasts import Contrast
from causal.estimation._estimates import sums
from causal.estimation._estimator import Estimator, Setting
from causal.estimation._features import Basis
from causal.estimation._scores import Score, Segments
from causal.estimation.partially_linear import slope

_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinBlock(Estimator):
    """Block-demeaned regression (the fixed-effects, or within, estimator; Wooldridge 2010, ch. 10).

    All attributes enter one regression with the columns held fixed, weighted by what a row counts.
    The estimate is an average of block effects with the weight of the attribute's variance in each
    block; blocks where it does not vary are not counted. A segment gets a regression of its own.
    """

    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Make one score for each attribute, contrast and outcome, and each segment's."""
        return tuple(
            score
            for attribute in setting.study.attributes
            if attribute.name not in setting.design.refused
            for contrast in setting.contrasts(attribute)
            for outcome in setting.study.outcomes
            for segments in (None, *cuts)
            for score in (_score(setting, attribute, contrast, outcome, segments),)
        )


def demean(values: FloatArray, weight: FloatArray, block: IntArray) -> FloatArray:
    """Take the weighted mean of its block out of every column; (n, q) to (n, q)."""
    groups = int(block.max()) + 1 if block.size else 0
    total = np.bincount(block, weights=weight, minlength=groups)
    means = sums(values * weight[:, None], block, groups)
    means /= np.where(total > 0, total, 1.0)[:, None]
    return values - means[block]


def partial_out(columns: FloatArray, own: int, y: FloatArray, weight: FloatArray) -> FloatArray:
    """Residuals of one column and of y on the other columns, weighted; shape (n, 2).

    Columns that the others determine are dropped by a pseudo-inverse; when ``own`` is determined
    its residual is zero (Frisch, Waugh 1933; Lovell 1963).
    """
    others = np.delete(columns, own, axis=1)
    targets = np.column_stack([columns[:, own], y])
    if not others.shape[1]:
        return targets
    scale = np.sqrt(weight @ others**2)
    scaled = others / np.where(scale > 0, scale, 1.0)
    gram = (scaled * weight[:, None]).T @ scaled
    beta = np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ (
        scaled.T @ (targets * weight[:, None])
    )
    left = targets - scaled @ beta
    before, after = weight @ columns[:, own] ** 2, weight @ left[:, 0] ** 2
    if after <= _TINY * before:
        left[:, 0] = 0.0
    return left


def _score(
    setting: Setting,
    attribute: Attribute,
    contrast: Contrast,
    outcome: Outcome,
    segments: Segments | None,
) -> Score:
    column = setting.panel.columns[attribute.name]
    measured = setting.panel.outcomes[outcome.name]
    rows = setting.known(attribute, outcome)
    if segments is not None:
        rows = rows[segments.codes[rows] >= 0]
    residuals = np.zeros((rows.size, 2))
    counted = np.zeros(rows.size, dtype=bool)
    for part in _parts(rows, segments):
        residuals[part], counted[part] = _regress(setting, attribute, contrast, outcome, rows[part])
    y, w = measured.value[rows], measured.weight[rows]
    r_a, r_y = residuals.T
    continuous = column.kind is Kind.CONTINUOUS
    a = column.values[rows]
    base = w * counted * (1.0 if continuous else a == contrast.low)
    varies = bool(np.any(r_a != 0))
    return Score(
        label=setting.label(
            attribute, contrast, outcome, "slope" if continuous else "ATO", "within_block"
        ),
        rows=rows,
        high=slope(r_y, r_a, w),
        low=None,
        base=np.column_stack([base * y, base]),
        treated=None if continuous else a == contrast.high,
        pull=w * r_a,
        weight=w,
        scale=contrast.high - contrast.low if continuous else 1.0,
        segments=segments,
        counted=counted,
        refusal="" if varies else "the attribute does not vary within any block on its own",
    )


def _parts(rows: IntArray, segments: Segments | None) -> list[IntArray]:
    if segments is None:
        return [np.arange(rows.size)]
    codes = segments.codes[rows]
    return [np.flatnonzero(codes == code) for code in range(len(segments.levels))]


def _regress(
    setting: Setting, attribute: Attribute, contrast: Contrast, outcome: Outcome, rows: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Residuals of the contrast and the outcome, (n, 2), and the rows of blocks where it varies."""
    panel = setting.panel
    measured = panel.outcomes[outcome.name]
    if panel.block is None or not rows.size:
        return np.zeros((rows.size, 2)), np.zeros(rows.size, dtype=bool)
    block = np.unique(panel.block[rows], return_inverse=True)[1]
    weight = measured.weight[rows]
    own = _own_terms(setting, attribute, contrast, rows)
    held = _held_terms(setting, attribute, rows)
    inside = demean(np.column_stack([own, held, measured.value[rows]]), weight, block)
    left = partial_out(inside[:, :-1], 0, inside[:, -1], weight)
    return left, _varies(inside[:, 0], weight, block)


def _varies(inside: FloatArray, weight: FloatArray, block: IntArray) -> BoolArray:
    """Rows of blocks in which a demeaned column is not constant, shape (n,)."""
    spread = np.bincount(block, weights=weight * inside**2)
    return (spread > _TINY * max(float(spread.max()), 1e-300))[block]


def _own_terms(
    setting: Setting, attribute: Attribute, contrast: Contrast, rows: IntArray
) -> FloatArray:
    """The contrast first, then the other levels of the same attribute; (n, levels - 1)."""
    column = setting.panel.columns[attribute.name]
    a = column.values[rows]
    if column.kind is Kind.CONTINUOUS:
        return a[:, None]
    levels = [c.high for c in setting.contrasts(attribute) if c.label != contrast.label]
    return np.column_stack([a == level for level in (contrast.high, *levels)]).astype(float)


def _held_terms(setting: Setting, attribute: Attribute, rows: IntArray) -> FloatArray:
    panel = setting.panel
    parts = []
    for name in setting.design.adjustment[attribute.name]:
        column = panel.columns[name]
        parts.append(Basis.of(column, column.values).terms(column.values[rows]))
    return np.hstack(parts) if parts else np.zeros((rows.size, 0))
