"""Panels and studies made from arrays, for checks on the table alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from causal.content.attribute import Kind
from causal.data.panel import Column, Measured, Panel, Provenance
from causal.design.study import Study


def _column(name: str, values: Any, kind: str | None = None) -> Column:
    """Make a column: strings become categorical, 0/1 binary, other numbers continuous."""
    given = np.asarray(values)
    if given.dtype.kind in "OU":
        levels = sorted({each for each in given.tolist() if each is not None})
        code = {level: float(at) for at, level in enumerate(levels)}
        numbers = np.array([code.get(each, np.nan) for each in given.tolist()])
        return Column(name=name, kind=Kind.CATEGORICAL, values=numbers, levels=tuple(levels))
    numbers = given.astype(float)
    seen = np.unique(numbers[~np.isnan(numbers)])
    if kind == "binary" or (kind is None and np.isin(seen, [0.0, 1.0]).all()):
        return Column(name=name, kind=Kind.BINARY, values=numbers, levels=("false", "true"))
    return Column(name=name, kind=Kind.CONTINUOUS, values=numbers)


def _panel(
    columns: Mapping[str, Any],
    outcomes: Mapping[str, Any] | None = None,
    *,
    clusters: Any = None,
    block: Any = None,
    time: Any = None,
    counts: Any = None,
    shares: Any = None,
    weight: Any = None,
    folds: Any = None,
    kinds: Mapping[str, str] | None = None,
) -> Panel:
    """Make a panel; outcomes default to one column of a half."""
    rows = len(next(iter(columns.values())))
    weights = np.ones(rows) if weight is None else np.asarray(weight, dtype=float)
    made = {"y": np.full(rows, 0.5)} if outcomes is None else outcomes
    cluster = np.arange(rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    return Panel(
        columns={
            name: _column(name, values, (kinds or {}).get(name)) for name, values in columns.items()
        },
        outcomes={
            name: Measured(name=name, value=np.asarray(value, dtype=float), weight=weights)
            for name, value in made.items()
        },
        clusters=(cluster.astype(np.int64),),
        cluster_names=("cluster",) if clusters is not None else ("unit",),
        folds=np.arange(rows) % 5 if folds is None else np.asarray(folds),
        weight=weights,
        provenance=Provenance(source="t.csv", fingerprint="0", rows_read=rows, rows=rows),
        block=None if block is None else np.unique(block, return_inverse=True)[1].astype(np.int64),
        time=None if time is None else np.asarray(time, dtype="datetime64[us]"),
        counts=None if counts is None else np.asarray(counts, dtype=float),
        count_name=None if counts is None else "impressions",
        shares=None if shares is None else np.asarray(shares, dtype=float),
    )


def _study(**given: Any) -> Study:
    """Make a study of attribute ``a`` and outcome ``y``; what is given replaces it."""
    plain: dict[str, Any] = {
        "study": "s",
        "data": {"source": "t.csv"},
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
    }
    return Study.model_validate(plain | given)


@pytest.fixture(scope="session")
def panel() -> Callable[..., Panel]:
    """Makes a panel from arrays."""
    return _panel


@pytest.fixture(scope="session")
def study() -> Callable[..., Study]:
    """Makes a study from what differs from the plain one."""
    return _study
