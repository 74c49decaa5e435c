"""How attributes are drawn anew: given what the table says they depend on, at their own level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.streams import integer_seed, stream
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, IntArray, Panel
from causal.data.planting import (
    Latent,
    Named,
    chances,
    constant_within,
    independent,
    matched,
    shared_part,
)
from causal.design.study import Study
from causal.estimation._features import Features, features
from causal.evaluation._generating import Generated, Growth, bounded, expected_value, level_shares

LEAST_OF_SHARE = 0.01  # a level is nowhere less likely than this part of how often it comes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
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


def attributes_of(
    study: Study,
    panel: Panel,
    held: tuple[str, ...],
    fixed: IntArray | None,
    named: Named,
) -> tuple[dict[str, Drawn], Latent, dict[str, str]]:
    shared = features(panel, held, np.ones(panel.rows, dtype=bool))
    drawn: dict[str, Drawn] = {}
    residuals = []
    levels: dict[str, str] = {}
    whole: dict[str, int] = {}
    groups = independent(named, fixed, panel.rows)
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
    study: Study, drawn: list[Drawn], residuals: FloatArray, codes: tuple[IntArray, ...]
) -> Latent:
    gaps = np.isnan(residuals)
    expected = np.column_stack([each.expected() for each in drawn])

    def simulated(field: FloatArray) -> FloatArray:
        made = np.column_stack([each.values(chances(field[:, j])) for j, each in enumerate(drawn)])
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
) -> tuple[Drawn, FloatArray]:
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
    return Drawn(shares=everywhere), residual


def _continuous(
    panel: Panel,
    column: Column,
    shared: Features,
    fixed: IntArray | None,
    by: IntArray | None,
    growth: Growth,
) -> tuple[Drawn, FloatArray]:
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
    return Drawn(shares=None, centre=centre, noise=noise, ends=ends), residual


def _averaged(values: FloatArray, codes: IntArray) -> FloatArray:
    return np.asarray((np.bincount(codes, weights=values) / np.bincount(codes))[codes])
