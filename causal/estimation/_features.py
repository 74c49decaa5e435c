"""Feature matrices for the nuisance models: trees take columns as they are, the start is linear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, Panel

MOST_DUMMIES = 30
TRIM = 0.01
NORMAL_REACH = 3.5
NORMAL_QUARTILES = 1.349


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Basis:
    """How one column is written as linear terms.

    A continuous or binary column gives itself (missing filled with the mean) and, if any is
    missing, an indicator. A category gives one dummy for each of its 30 most frequent levels,
    without the first when none is missing. Values are held flat beyond ``low`` and ``high``.
    """

    fill: float
    has_missing: bool
    dummies: FloatArray | None
    low: float = -np.inf
    high: float = np.inf

    @staticmethod
    def of(column: Column, values: FloatArray, trim: float = 0.0) -> Basis:
        """Read the basis off the values, shape (n,).

        A positive ``trim`` holds a continuous column flat beyond that share of its values at each
        end, so that a linear fit does not reach into a tail where few rows are.
        """
        missing = np.isnan(values)
        known = values[~missing]
        fill = float(known.mean()) if known.size else 0.0
        if column.kind is not Kind.CATEGORICAL:
            low, high = -np.inf, np.inf
            if trim > 0 and column.kind is Kind.CONTINUOUS and known.size:
                low, high = _within(known, trim)
            return Basis(
                fill=fill, has_missing=bool(missing.any()), dummies=None, low=low, high=high
            )
        levels, counts = np.unique(known, return_counts=True)
        kept = np.sort(levels[np.argsort(-counts, kind="stable")][:MOST_DUMMIES])
        if not missing.any() and kept.size == levels.size:
            kept = kept[1:]
        return Basis(fill=fill, has_missing=False, dummies=kept)

    def terms(self, values: FloatArray) -> FloatArray:
        """Write values as terms, (n,) to (n, d)."""
        if self.dummies is not None:
            return (values[:, None] == self.dummies[None, :]).astype(float)
        missing = np.isnan(values)
        filled = np.clip(np.where(missing, self.fill, values), self.low, self.high)[:, None]
        return np.hstack([filled, missing[:, None].astype(float)]) if self.has_missing else filled


def _within(known: FloatArray, trim: float) -> tuple[float, float]:
    """Bounds of a column: a share at each end, or where a normal tail would hardly reach."""
    low, quarter, half, third, high = np.quantile(known, [trim, 0.25, 0.5, 0.75, 1 - trim])
    reach = NORMAL_REACH * (third - quarter) / NORMAL_QUARTILES
    return float(min(low, half - reach)), float(max(high, half + reach))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Columns side by side, as trees take them and as linear terms.

    ``matrix`` (n, q) holds codes for categories and NaN for missing; ``terms`` (n, d) the linear
    terms, those of column j between ``edges[j]`` and ``edges[j + 1]``.
    """

    names: tuple[str, ...]
    matrix: FloatArray
    categorical: tuple[int, ...]
    bases: tuple[Basis, ...]
    terms: FloatArray
    edges: tuple[int, ...]

    def position(self, name: str) -> int:
        """Where a column stands."""
        return self.names.index(name)

    def block(self, name: str) -> slice:
        """Where the linear terms of a column stand."""
        j = self.position(name)
        return slice(self.edges[j], self.edges[j + 1])


def features(panel: Panel, names: tuple[str, ...], rows: BoolArray) -> Features:
    """Gather columns of the panel for the rows of a design, mask of shape (rows,)."""
    columns = [panel.columns[name] for name in names]
    values = [column.values[rows] for column in columns]
    bases = tuple(Basis.of(c, v, TRIM) for c, v in zip(columns, values, strict=True))
    terms = [basis.terms(v) for basis, v in zip(bases, values, strict=True)]
    empty = np.zeros((int(rows.sum()), 0))
    widths = np.cumsum([0] + [part.shape[1] for part in terms])
    return Features(
        names=names,
        matrix=np.column_stack(values) if values else empty,
        categorical=tuple(j for j, c in enumerate(columns) if c.kind is Kind.CATEGORICAL),
        bases=bases,
        terms=np.hstack(terms) if terms else empty,
        edges=tuple(int(width) for width in widths),
    )
