"""A small builder of studies and panels from arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, IntArray, Measured, Panel, Provenance
from causal.design.study import Study

Built = tuple[Study, Panel]


def column(name: str, values: Any, kind: Kind | None = None) -> Column:
    """A column; its kind is read off the values unless given."""
    numbers = np.asarray(values, dtype=float)
    codes = np.unique(numbers[~np.isnan(numbers)])
    read = Kind.BINARY if np.isin(codes, (0.0, 1.0)).all() and codes.size == 2 else Kind.CONTINUOUS
    kind = kind or read
    levels = () if kind is Kind.CONTINUOUS else tuple(f"level {int(code)}" for code in codes)
    return Column(name=name, kind=kind, values=numbers, levels=levels)


def build(
    columns: Mapping[str, Any],
    outcomes: Mapping[str, Measured],
    *,
    clusters: IntArray | None = None,
    categorical: tuple[str, ...] = (),
    roles: Mapping[str, Any] | None = None,
    folds: int = 4,
) -> Built:
    """A study and its panel; every column is an attribute unless ``roles`` names it."""
    rows = next(iter(outcomes.values())).value.size
    codes = np.arange(rows) if clusters is None else clusters
    given = dict(roles or {})
    taken = {name for names in given.values() for name in names}
    parts = {
        name: {"numerator": f"{name}_n", "denominator": f"{name}_d"}
        if measured.numerator is not None
        else {"column": name}
        for name, measured in outcomes.items()
    }
    study = Study(
        study="test",
        data={"source": "arrays"},
        attributes=[name for name in columns if name not in taken],
        outcomes=[{"name": name, **part} for name, part in parts.items()],
        **given,
    )
    kinds = {name: Kind.CATEGORICAL if name in categorical else None for name in columns}
    draw = np.random.default_rng(0).integers(folds, size=int(codes.max()) + 1)
    panel = Panel(
        columns={name: column(name, values, kinds[name]) for name, values in columns.items()},
        outcomes=outcomes,
        clusters=(codes,),
        cluster_names=("row",),
        folds=draw[codes],
        weight=np.ones(rows),
        provenance=Provenance(source="arrays", fingerprint="", rows_read=rows, rows=rows),
    )
    return study, panel


def binary(name: str, value: FloatArray) -> Measured:
    """A 0/1 outcome of weight one."""
    return Measured(name=name, value=value, weight=np.ones(value.size), binary=True)


def ratio(name: str, clicks: FloatArray, shown: FloatArray) -> Measured:
    """A ratio outcome, weighted by its denominator."""
    return Measured(
        name=name, value=clicks / shown, weight=shown, numerator=clicks, denominator=shown
    )


@pytest.fixture(scope="session")
def builder() -> Callable[..., Built]:
    """The builder of studies and panels."""
    return build


@pytest.fixture(scope="session")
def outcome_of() -> Mapping[str, Callable[..., Measured]]:
    """Makers of outcomes by kind."""
    return {"binary": binary, "ratio": ratio}


@pytest.fixture(scope="session")
def world() -> Built:
    """Six hundred clusters of three rows: a, b and a category matter, noise does not."""
    rng = np.random.default_rng(11)
    clusters = np.repeat(np.arange(600), 3)
    rows = clusters.size
    a = (rng.random(rows) < 0.4).astype(float)
    b = rng.normal(size=rows)
    tone = rng.integers(4, size=rows).astype(float)
    tone[rng.random(rows) < 0.1] = np.nan
    values = {
        "a": a,
        "b": b,
        "twin": b + 0.1 * rng.normal(size=rows),
        "tone": tone,
        "noise": rng.normal(size=rows),
        "coin": (rng.random(rows) < 0.5).astype(float),
        "constant": np.full(rows, 7.0),
        "empty": np.full(rows, np.nan),
    }
    logit = a + 0.9 * b + np.where(tone == 2, 1.5, 0.0) - 0.5
    y = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    return build(values, {"liked": binary("liked", y)}, clusters=clusters, categorical=("tone",))
